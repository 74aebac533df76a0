// Names that no map from outside may have: what reads it into an object would reach the object's own machinery.
export const HOSTILE_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];
