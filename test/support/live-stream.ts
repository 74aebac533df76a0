// A reader of a job's live stream that keeps what came, in order.
export interface LiveStream {
  /** of the job events so far: their numbers, and what they say */
  numbers: number[];
  messages: string[];
  /** statuses in the order shown, without repeats */
  statuses: string[];
  /** the whole text */
  text(): string;
  /** resolves when the server ended the stream */
  ended: Promise<void>;
  close(): void;
}

/** @param url of the coordinator's REST listener @returns once the job's status at that moment was shown */
export async function followLive(url: string, jobId: string): Promise<LiveStream> {
  const closing = new AbortController();
  const answer = await fetch(`${url}/api/v1/lcm/jobs/${jobId}/stream`, { signal: closing.signal });
  if (answer.body === null || answer.status !== 200) throw new Error(`no live stream: ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let rest = '';
  const live: LiveStream = {
    numbers: [],
    messages: [],
    statuses: [],
    text: () => text,
    ended: Promise.resolve(),
    close: () => closing.abort(),
  };
  let shown: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    shown = resolve;
  });
  const take = (block: string): void => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
    if (field('event') === 'job-event') {
      live.numbers.push(Number(field('id')));
      live.messages.push(JSON.parse(field('data')).message);
    } else if (field('event') === 'job') {
      const { status } = JSON.parse(field('data'));
      if (live.statuses.at(-1) !== status) live.statuses.push(status);
      shown();
    }
  };
  const read = async (): Promise<void> => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += next.value;
      rest += next.value;
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };
  live.ended = read().catch(() => {});
  await Promise.race([first, live.ended]);
  return live;
}
