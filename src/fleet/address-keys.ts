/** What an address is found by, however it is written: pairs of characters, and its numbers whole. Pure. */

export interface AddressKeys {
  /** Names: what two addresses of one street have in common, and those of another do not. */
  readonly names: readonly string[];
  /** Names, what any address may say, and numbers. */
  readonly all: readonly string[];
  /** The first number in it: the door's, as addresses are written here. */
  readonly number: number | null;
}

/** In too many addresses to find one by. */
const anywhere = new Set(
  '北京 京市 西城 城区 街道 社区 大街 大道 胡同 号院 号楼 小区 单元 东路 西路 南路 北路 东街 西街 南街 北街'.split(' '),
);
/** A call's address has 300 characters at most; nobody finds a door by more than the first of them. */
const CHARACTERS_READ = 100;

export function addressKeys(text: string): AddressKeys {
  const names = new Set<string>();
  const all = new Set<string>();
  let number: number | null = null;
  for (const [run] of text
    .normalize('NFKC')
    .toLowerCase()
    .slice(0, CHARACTERS_READ)
    .matchAll(/\d+|\p{L}+/gu)) {
    if (/^\d/.test(run)) {
      const digits = run.replace(/^0+(?=\d)/, '');
      all.add(`#${digits}`);
      if (number === null && digits.length <= 6) number = Number(digits);
      continue;
    }
    const characters = [...run];
    for (let i = 0; i + 1 < characters.length; i++) {
      const pair = `${characters[i]}${characters[i + 1]}`;
      all.add(pair);
      if (!anywhere.has(pair)) names.add(pair);
    }
  }
  return { names: [...names], all: [...all], number };
}
