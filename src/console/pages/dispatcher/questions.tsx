/** The questions of a complaint: one key answers one and goes on to the next; what is not answered is said to count as. */
import { useRef } from 'preact/hooks';
import { inLanguage, speak } from '../../shell/language.ts';
import type { Complaint, Question } from './reference.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

type Answers = Readonly<Record<string, string>>;

export function Questions({
  complaint,
  answers,
  onAnswer,
}: {
  readonly complaint: Complaint;
  readonly answers: Answers;
  readonly onAnswer: (answers: Answers) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const next = complaint.questions.find(({ code }) => !answers[code])?.code ?? complaint.questions[0]?.code;
  const focus = (place: number) => list.current?.querySelectorAll<HTMLElement>('.question')[place]?.focus();
  const answer = (question: Question, option: string, place: number) => {
    onAnswer({ ...answers, [question.code]: option });
    const rest = complaint.questions.findIndex(({ code }, index) => index > place && !answers[code]);
    if (rest >= 0) focus(rest);
    else document.getElementById('address')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, question: Question, place: number) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: 1 }[event.key];
    if (step) {
      event.preventDefault();
      if (place + step >= complaint.questions.length) document.getElementById('address')?.focus();
      else focus(place + step);
      return;
    }
    // By the place on the keyboard: an input method for Chinese would swallow the letter.
    const pressed = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase() ?? event.key.toLowerCase();
    const option = question.options.find(({ key }) => key === pressed);
    if (!option) return;
    event.preventDefault();
    event.stopPropagation();
    answer(question, option.code, place);
  };
  return (
    <ol class="questions" ref={list}>
      {complaint.questions.map((question, place) => (
        <li
          key={question.code}
          class="question"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: keys pressed here answer it
          tabIndex={0}
          data-next={question.code === next ? '' : undefined}
          aria-label={`${inLanguage(question.text)} ${answerText(question, answers)}`}
          onKeyDown={(event) => onKeyDown(event, question, place)}
        >
          <span>{inLanguage(question.text)}</span>
          <span class="answers">
            {question.options.map(({ code, label, key }) => (
              <button
                key={code}
                type="button"
                tabIndex={-1}
                aria-pressed={answers[question.code] === code}
                onClick={() => answer(question, code, place)}
              >
                <kbd>{key.toUpperCase()}</kbd> {inLanguage(label)}
              </button>
            ))}
          </span>
          {!answers[question.code] && question.unknownCountsAs && (
            <span class="quiet">{say('countsAs', { what: countsAs(question) })}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

const answerText = ({ code, options }: Question, answers: Answers): string => {
  const option = options.find((each) => each.code === answers[code]);
  return option ? inLanguage(option.label) : say('notAnswered');
};

function countsAs({ options, unknownCountsAs }: Question): string {
  const option = options.find(({ code }) => code === unknownCountsAs);
  return option ? inLanguage(option.label) : '';
}
