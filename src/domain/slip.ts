/** Whether one number, date or code is another with the slip of a hand in it. Pure. */

/** One character wrong, missing or too many, or two neighbours exchanged; of equal texts also true. */
export function isSlip(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let before = 0;
  while (before < shorter && a[before] === b[before]) before++;
  let after = 0;
  while (after < shorter - before && a[a.length - 1 - after] === b[b.length - 1 - after]) after++;
  const [left, right] = [a.slice(before, a.length - after), b.slice(before, b.length - after)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
