const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as people read them, in powers of 1000 as file managers show them; one digit below ten. */
export function bytesIn(formatNumber: (n: number, digits?: number) => string, count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${formatNumber(value, unit > 0 && value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}
