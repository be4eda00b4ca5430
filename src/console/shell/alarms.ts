/**
 * Alarms that sound until somebody has acknowledged them. A browser lets a page sound only after somebody touched it;
 * until then that is said, because an alarm nobody hears is none.
 */
import { computed, effect, signal } from '@preact/signals';
import { serverNow } from './clock.ts';

export interface Alarm {
  /** One alarm a key: raised again while it stands it is the same. */
  readonly key: string;
  readonly text: () => string;
  /** `urgent` rings, `notice` sounds once. */
  readonly level: 'urgent' | 'notice';
  /** Milliseconds since the epoch, by the service's clock. */
  readonly raisedAt: number;
  /** What to show when it is acknowledged; the page opens the call, the request, … */
  readonly open?: () => void;
}

const MUTED = 'precision-dispatch.muted';
const RING_EVERY_MS = 2_500;

export const alarms = signal<readonly Alarm[]>([]);
export const isMuted = signal(localStorage.getItem(MUTED) === 'yes');
/** Whether the browser lets the page sound. */
export const canSound = signal(false);
const ringing = computed(() => alarms.value.some(({ level }) => level === 'urgent'));

let context: AudioContext | null = null;
/** Acknowledged: raised again for the same reason it stays silent. */
const heard = new Set<string>();

export function raise(alarm: Omit<Alarm, 'raisedAt'>): void {
  if (heard.has(alarm.key) || alarms.peek().some(({ key }) => key === alarm.key)) return;
  alarms.value = [...alarms.peek(), { ...alarm, raisedAt: serverNow() }];
  sound(alarm.level);
}

/** Somebody has heard it: the oldest urgent one first, or the one named. Answers which it was. */
export function acknowledge(key?: string): Alarm | null {
  const standing = alarms.peek();
  const one =
    key === undefined
      ? (standing.find(({ level }) => level === 'urgent') ?? standing[0])
      : standing.find((each) => each.key === key);
  if (!one) return null;
  heard.add(one.key);
  alarms.value = standing.filter((each) => each !== one);
  return one;
}

/** Its reason is gone: no acknowledgement is needed any more, and the same may ring again later. */
export function withdraw(key: string): void {
  heard.delete(key);
  if (alarms.peek().some((each) => each.key === key)) alarms.value = alarms.peek().filter((each) => each.key !== key);
}

/** Another role: what concerned the one before is gone. */
export function withdrawAll(): void {
  heard.clear();
  alarms.value = [];
}

export function switchSound(): void {
  isMuted.value = !isMuted.value;
  localStorage.setItem(MUTED, isMuted.value ? 'yes' : 'no');
  wake();
}

function wake(): void {
  context ??= new AudioContext();
  void context.resume().then(() => {
    canSound.value = context?.state === 'running';
  });
}

/** Two rising tones ring, one soft tone tells. */
function sound(level: Alarm['level']): void {
  if (isMuted.peek() || context?.state !== 'running') return;
  const at = context.currentTime;
  const tones =
    level === 'urgent'
      ? ([
          [880, 0],
          [1175, 0.18],
          [880, 0.36],
          [1175, 0.54],
        ] as const)
      : ([[660, 0]] as const);
  for (const [frequency, after] of tones) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at + after);
    gain.gain.linearRampToValueAtTime(level === 'urgent' ? 0.25 : 0.12, at + after + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + after + 0.16);
    tone.connect(gain).connect(context.destination);
    tone.start(at + after);
    tone.stop(at + after + 0.18);
  }
}

export function startAlarms(): void {
  for (const event of ['keydown', 'pointerdown'] as const) addEventListener(event, wake, { capture: true });
  let timer = 0;
  effect(() => {
    clearInterval(timer);
    if (ringing.value && !isMuted.value) timer = window.setInterval(() => sound('urgent'), RING_EVERY_MS);
  });
}
