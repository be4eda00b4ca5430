/** Asks for a token, in front of the page: what was typed into it stays. */
import { useEffect, useRef } from 'preact/hooks';
import { name, speak } from './language.ts';
import { addressOf, giveToken, signedInAs } from './session.ts';
import { words } from './words.ts';

const say = speak('shell', words);

export function SignIn({ why }: { readonly why: 'none' | 'expired' | 'refused' | 'other' }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const given = field.current?.value ?? '';
    if (field.current) field.current.value = '';
    giveToken(given);
  };
  const text = { none: 'tokenNone', expired: 'tokenExpired', refused: 'tokenRefused', other: 'tokenOther' } as const;
  const own = why === 'other' ? signedInAs.value : null;
  const whose = own && { role: name('role', own.role), subject: own.subject };
  return (
    <dialog ref={dialog} class="sign-in" aria-labelledby="token-label" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={submit}>
        <p role="alert">{say(text[why], whose ?? {})}</p>
        {own && (
          <p>
            <a href={addressOf(own.role)}>{say('toOwnPage')}</a>
          </p>
        )}
        <label id="token-label" for="token">
          {say('token')}
        </label>
        <input id="token" ref={field} type="password" autocomplete="off" spellcheck={false} required />
        <button type="submit">{say('enter')}</button>
        <p class="quiet">{say('tokenHint')}</p>
      </form>
    </dialog>
  );
}
