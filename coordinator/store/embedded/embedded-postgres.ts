export async function startEmbeddedPostgres(_: unknown): Promise<never> {
  throw new Error('x');
}
