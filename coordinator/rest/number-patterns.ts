// Whole numbers of a range as a pattern of their digits: what the API's document says of numbers that come as strings.

/** Of strings of one length. */
function sameLength(from: string, to: string): string {
  if (from === to) return from;
  const [low = '0', high = '9'] = [from[0], to[0]];
  const [rest, otherRest] = [from.slice(1), to.slice(1)];
  if (low === high) return `${low}${sameLength(rest, otherRest)}`;
  if (rest === '') return `[${low}-${high}]`;
  const [zeros, nines] = ['0'.repeat(rest.length), '9'.repeat(rest.length)];
  // The ends first, where not all digits are possible behind the first one; then what lies between them.
  const parts: string[] = [];
  let [begin, end] = [Number(low), Number(high)];
  if (rest !== zeros) {
    parts.push(`${low}${sameLength(rest, nines)}`);
    begin += 1;
  }
  if (otherRest !== nines) {
    parts.push(`${high}${sameLength(zeros, otherRest)}`);
    end -= 1;
  }
  if (begin <= end) parts.push(`[${begin}-${end}][0-9]{${rest.length}}`);
  return `(?:${parts.join('|')})`;
}

/** @param from not below 0 @returns a pattern that the numbers from one to the other match, without zeros in front, and nothing else */
export function patternOfRange(from: number, to: number): string {
  const parts: string[] = [];
  for (let length = String(from).length; length <= String(to).length; length += 1) {
    const least = Math.max(from, length === 1 ? 0 : 10 ** (length - 1));
    const most = Math.min(to, 10 ** length - 1);
    parts.push(sameLength(String(least), String(most)));
  }
  return `^(?:${parts.join('|')})$`;
}
