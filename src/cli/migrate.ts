/** `npm run migrate`: brings the database at DATABASE_URL to this version. */
import { migrate } from '../database/migrate.ts';

const url = process.env.DATABASE_URL;
if (!url) {
  console.error('DATABASE_URL is not set; the embedded database migrates itself at start');
  process.exit(1);
}
const names = await migrate(url);
console.log(names.length ? `applied ${names.join(', ')}` : 'nothing to apply');
