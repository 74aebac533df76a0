// What Java objects become here: boxed values, lists, sets and maps turn plain, all others keep their fields.

/** An object of no class known here: its fields and what its writeObject added (objects, and Buffers of block data, in order). */
export interface JavaObject {
  className: string;
  fields: Record<string, JavaValue>;
  annotation: (JavaValue | Buffer)[];
}

/**
 * Lists, sets and arrays are arrays; maps are Maps; enum constants and classes are their names; chars are strings. A long is a
 * number where that is exact, else a bigint. A list that contains itself holds its JavaObject at that place.
 */
export type JavaValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | JavaValue[]
  | Map<JavaValue, JavaValue>
  | JavaObject;

/** Narrows to an object that kept its fields. */
export const isJavaObject = (value: JavaValue | undefined): value is JavaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);

const BOXED = /^java\.lang\.(Boolean|Byte|Short|Character|Integer|Long|Float|Double)$/;
const LIST_OR_SET =
  /^java\.util\.(ArrayList|LinkedList|HashSet|LinkedHashSet|TreeSet|concurrent\.CopyOnWriteArrayList)$/;
const MAP = /^java\.util\.(HashMap|LinkedHashMap|TreeMap|Hashtable|concurrent\.ConcurrentHashMap)$/;
const WRAPPER = /^java\.util\.Collections\$(Unmodifiable|Synchronized)/;
/** Tags of java.util.CollSer, the written form of List.of, Set.of and Map.of. */
const COLLSER_MAP = 3;

/** The elements of a collection: what follows the count that its writeObject wrote as block data. */
function elements({ annotation }: JavaObject): JavaValue[] {
  return annotation
    .slice(annotation.findIndex((item) => Buffer.isBuffer(item)) + 1)
    .filter((item): item is JavaValue => !Buffer.isBuffer(item));
}

function pairs(flat: readonly JavaValue[]): Map<JavaValue, JavaValue> {
  const map = new Map<JavaValue, JavaValue>();
  for (let at = 0; at + 1 < flat.length; at += 2) map.set(flat[at] ?? null, flat[at + 1] ?? null);
  return map;
}

/** Whether objects of this class are written as their pairs, one after the other. */
export const isMap = (className: string): boolean => MAP.test(className);

/** A concurrent one has no null keys, but ends in a null pair. */
export const hasNullAtItsEnd = (className: string): boolean => className.endsWith('.ConcurrentHashMap');

/** The plain form of an object whose class has one, or the object itself. */
export function plainForm(object: JavaObject): JavaValue {
  const { className, fields } = object;
  if (BOXED.test(className)) return fields['value'] ?? null;
  if (LIST_OR_SET.test(className)) return elements(object);
  if (isMap(className)) {
    const map = pairs(elements(object));
    if (hasNullAtItsEnd(className)) map.delete(null);
    return map;
  }
  if (WRAPPER.test(className)) return fields['c'] ?? fields['m'] ?? object;
  switch (className) {
    case 'java.util.CollSer':
      return fields['tag'] === COLLSER_MAP ? pairs(elements(object)) : elements(object);
    case 'java.util.Arrays$ArrayList':
      return fields['a'] ?? object;
    case 'java.util.Collections$EmptyList':
    case 'java.util.Collections$EmptySet':
      return [];
    case 'java.util.Collections$EmptyMap':
      return new Map();
    case 'java.util.Collections$SingletonList':
    case 'java.util.Collections$SingletonSet':
      return [fields['element'] ?? null];
    case 'java.util.Collections$SingletonMap':
      return new Map([[fields['k'] ?? null, fields['v'] ?? null]]);
    default:
      return object;
  }
}
