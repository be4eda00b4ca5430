/** Two letters for every complaint, to be typed without looking; the same in both languages, so that hands learn them once. */

/** Clear where the initials alone would be taken by another. */
const given: Readonly<Record<string, string>> = {
  unconscious: 'un',
  palpitations: 'pa',
  choking: 'ch',
  seizure: 'se',
  headache: 'he',
  fainting: 'fa',
  vomiting: 'vo',
  fever: 'fe',
  fall: 'fl',
  fracture: 'fr',
  burns: 'bu',
  bleeding: 'bl',
  assault: 'as',
  drowning: 'dr',
  electrocution: 'el',
  poisoning: 'po',
  overdose: 'ov',
  transfer: 'tr',
};

/** `chest-pain` → `cp`, `cardiac-arrest` → `ca`. Unique among all complaints, which a test holds. */
export function lettersOf(code: string): string {
  const known = given[code];
  if (known) return known;
  const [first = '', second = ''] = code.split('-').filter((part) => part !== 'or');
  return `${first[0] ?? ''}${second[0] ?? ''}`;
}
