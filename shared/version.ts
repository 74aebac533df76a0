// The version of coordinator, agent and CLI: they are released together.
export const VERSION = '0.1.0';
