// Answers of a JDK 17 to getAttribute over JMX, as they came over the wire (ReturnData, base64), and what they mean.
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';

export interface RecordedAnswer {
  name: string;
  bytes: Buffer;
  value: JavaValue;
}

const answer = (name: string, base64: string, value: JavaValue): RecordedAnswer => ({
  name,
  bytes: Buffer.from(base64, 'base64'),
  value,
});

// biome-ignore format: a table should look like one
export const ANSWERS: readonly RecordedAnswer[] = [
  answer('a string with a zero, accents and a smiley', 'UaztAAV3DwFGytB8AAABoguBTTOCLHQAD2HAgGLDqeKCrO2gve24gA==', 'a\u0000b\u00e9\u20ac\u{1f600}'),
  answer('a long beyond 2^53', 'UaztAAV3DwFGytB8AAABoguBTTOCLXNyAA5qYXZhLmxhbmcuTG9uZzuL5JDMjyPfAgABSgAFdmFsdWVweHIAEGphdmEubGFuZy5OdW1iZXKGrJUdC5TgiwIAAHB4cH//////////', 9223372036854775807n),
  answer('a long', 'UaztAAV3DwFGytB8AAABoguBTTOCLnNyAA5qYXZhLmxhbmcuTG9uZzuL5JDMjyPfAgABSgAFdmFsdWVweHIAEGphdmEubGFuZy5OdW1iZXKGrJUdC5TgiwIAAHB4cAAAAR9x+wTL', 1_234_567_890_123),
  answer('a Boolean', 'UaztAAV3DwFGytB8AAABoguBTTOCL3NyABFqYXZhLmxhbmcuQm9vbGVhbs0gcoDVnPruAgABWgAFdmFsdWVweHAB', true),
  answer('a Double', 'UaztAAV3DwFGytB8AAABoguBTTOCMHNyABBqYXZhLmxhbmcuRG91YmxlgLPCSilr+wQCAAFEAAV2YWx1ZXB4cgAQamF2YS5sYW5nLk51bWJlcoaslR0LlOCLAgAAcHhwP+AAAAAAAAA=', 0.5),
  answer('a Byte', 'UaztAAV3DwFGytB8AAABoguBTTOCMXNyAA5qYXZhLmxhbmcuQnl0ZZxOYITuUPUcAgABQgAFdmFsdWVweHIAEGphdmEubGFuZy5OdW1iZXKGrJUdC5TgiwIAAHB4cP8=', -1),
  answer('a Character', 'UaztAAV3DwFGytB8AAABoguBTTOCMnNyABNqYXZhLmxhbmcuQ2hhcmFjdGVyNItH2WsaJngCAAFDAAV2YWx1ZXB4cABx', 'q'),
  answer('an ArrayList', 'UaztAAV3DwFGytB8AAABoguBTTOCM3NyABNqYXZhLnV0aWwuQXJyYXlMaXN0eIHSHZnHYZ0DAAFJAARzaXplcHhwAAAAAncEAAAAAnQAAWF0AAFieA==', ['a', 'b']),
  answer('an unmodifiable list', 'UaztAAV3DwFGytB8AAABoguBTTOCNHNyACZqYXZhLnV0aWwuQ29sbGVjdGlvbnMkVW5tb2RpZmlhYmxlTGlzdPwPJTG17I4QAgABTAAEbGlzdHQAEExqYXZhL3V0aWwvTGlzdDtweHIALGphdmEudXRpbC5Db2xsZWN0aW9ucyRVbm1vZGlmaWFibGVDb2xsZWN0aW9uGUIAgMte9x4CAAFMAAFjdAAWTGphdmEvdXRpbC9Db2xsZWN0aW9uO3B4cHNyABNqYXZhLnV0aWwuQXJyYXlMaXN0eIHSHZnHYZ0DAAFJAARzaXplcHhwAAAAAncEAAAAAnQAAWF0AAFieHEAfgAG', ['a', 'b']),
  answer('a LinkedHashSet', 'UaztAAV3DwFGytB8AAABoguBTTOCNXNyABdqYXZhLnV0aWwuTGlua2VkSGFzaFNldNhs11qV3SoeAgAAcHhyABFqYXZhLnV0aWwuSGFzaFNldLpEhZWWuLc0AwAAcHhwdwwAAAAQP0AAAAAAAAJ0AAFhdAABYng=', ['a', 'b']),
  answer('a TreeSet', 'UaztAAV3DwFGytB8AAABoguBTTOCNnNyABFqYXZhLnV0aWwuVHJlZVNldN2YUJOV7YdbAwAAcHhwcHcEAAAAAnQAAWF0AAFieA==', ['a', 'b']),
  answer('Arrays.asList', 'UaztAAV3DwFGytB8AAABoguBTTOCN3NyABpqYXZhLnV0aWwuQXJyYXlzJEFycmF5TGlzdNmkPL7NiAbSAgABWwABYXQAE1tMamF2YS9sYW5nL09iamVjdDtweHB1cgATW0xqYXZhLmxhbmcuU3RyaW5nO63SVufpHXtHAgAAcHhwAAAAAnQAAWF0AAFi', ['a', 'b']),
  answer('List.of', 'UaztAAV3DwFGytB8AAABoguBTTOCOHNyABFqYXZhLnV0aWwuQ29sbFNlcleOq7Y6G6gRAwABSQADdGFncHhwAAAAAXcEAAAAAnQAAWF0AAFieA==', ['a', 'b']),
  answer('an empty list', 'UaztAAV3DwFGytB8AAABoguBTTOCOXNyAB9qYXZhLnV0aWwuQ29sbGVjdGlvbnMkRW1wdHlMaXN0ergXtDynnt4CAABweHA=', []),
  answer('a singleton list', 'UaztAAV3DwFGytB8AAABoguBTTOCOnNyACNqYXZhLnV0aWwuQ29sbGVjdGlvbnMkU2luZ2xldG9uTGlzdCrvKRA8p5uXAgABTAAHZWxlbWVudHQAEkxqYXZhL2xhbmcvT2JqZWN0O3B4cHQAAWE=', ['a']),
  answer('a CopyOnWriteArrayList', 'UaztAAV3DwFGytB8AAABoguBTTOCO3NyAClqYXZhLnV0aWwuY29uY3VycmVudC5Db3B5T25Xcml0ZUFycmF5TGlzdHhdn9VGq5DDAwAAcHhwdwQAAAACdAABYXQAAWJ4', ['a', 'b']),
  answer('a HashMap', 'UaztAAV3DwFGytB8AAABoguBTTOCPHNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3RvckkACXRocmVzaG9sZHB4cD9AAAAAAAABdwgAAAACAAAAAXQAAWt0AAF2eA==', new Map([['k', 'v']])),
  answer('a LinkedHashMap of mixed values', 'UaztAAV3DwFGytB8AAABoguBTTOCPXNyABdqYXZhLnV0aWwuTGlua2VkSGFzaE1hcDTATlwQbMD7AgABWgALYWNjZXNzT3JkZXJweHIAEWphdmEudXRpbC5IYXNoTWFwBQfawcMWYNEDAAJGAApsb2FkRmFjdG9ySQAJdGhyZXNob2xkcHhwP0AAAAAAAAx3CAAAABAAAAACdAADb25lc3IAEWphdmEubGFuZy5JbnRlZ2VyEuKgpPeBhzgCAAFJAAV2YWx1ZXB4cgAQamF2YS5sYW5nLk51bWJlcoaslR0LlOCLAgAAcHhwAAAAAXQABGxpc3RzcgATamF2YS51dGlsLkFycmF5TGlzdHiB0h2Zx2GdAwABSQAEc2l6ZXB4cAAAAAJ3BAAAAAJ0AAFhdAABYnh4AA==', new Map<JavaValue, JavaValue>([['one', 1], ['list', ['a', 'b']]])),
  answer('a TreeMap', 'UaztAAV3DwFGytB8AAABoguBTTOCPnNyABFqYXZhLnV0aWwuVHJlZU1hcAzB9j4tJWrmAwABTAAKY29tcGFyYXRvcnQAFkxqYXZhL3V0aWwvQ29tcGFyYXRvcjtweHBwdwQAAAACdAABYXNyABFqYXZhLmxhbmcuSW50ZWdlchLioKT3gYc4AgABSQAFdmFsdWVweHIAEGphdmEubGFuZy5OdW1iZXKGrJUdC5TgiwIAAHB4cAAAAAF0AAFic3EAfgAEAAAAAng=', new Map([['a', 1], ['b', 2]])),
  answer('Map.of', 'UaztAAV3DwFGytB8AAABoguBTTOCP3NyABFqYXZhLnV0aWwuQ29sbFNlcleOq7Y6G6gRAwABSQADdGFncHhwAAAAA3cEAAAAAnQAAWt0AAF2eA==', new Map([['k', 'v']])),
  answer('an unmodifiable map', 'UaztAAV3DwFGytB8AAABoguBTTOCQXNyACVqYXZhLnV0aWwuQ29sbGVjdGlvbnMkVW5tb2RpZmlhYmxlTWFw8aWo/nT1B0ICAAFMAAFtdAAPTGphdmEvdXRpbC9NYXA7cHhwc3IAEWphdmEudXRpbC5IYXNoTWFwBQfawcMWYNEDAAJGAApsb2FkRmFjdG9ySQAJdGhyZXNob2xkcHhwP0AAAAAAAAF3CAAAAAIAAAABdAABa3QAAXZ4', new Map([['k', 'v']])),
  answer('a ConcurrentHashMap', 'UaztAAV3DwFGytB8AAABoguBTTOCQHNyACZqYXZhLnV0aWwuY29uY3VycmVudC5Db25jdXJyZW50SGFzaE1hcGSZ3hKdhyk9AwADSQALc2VnbWVudE1hc2tJAAxzZWdtZW50U2hpZnRbAAhzZWdtZW50c3QAMVtMamF2YS91dGlsL2NvbmN1cnJlbnQvQ29uY3VycmVudEhhc2hNYXAkU2VnbWVudDtweHAAAAAPAAAAHHVyADFbTGphdmEudXRpbC5jb25jdXJyZW50LkNvbmN1cnJlbnRIYXNoTWFwJFNlZ21lbnQ7Unc/QTKbOXQCAABweHAAAAAQc3IALmphdmEudXRpbC5jb25jdXJyZW50LkNvbmN1cnJlbnRIYXNoTWFwJFNlZ21lbnQfNkyQWJMpPQIAAUYACmxvYWRGYWN0b3JweHIAKGphdmEudXRpbC5jb25jdXJyZW50LmxvY2tzLlJlZW50cmFudExvY2tmVagsLMhq6wIAAUwABHN5bmN0AC9MamF2YS91dGlsL2NvbmN1cnJlbnQvbG9ja3MvUmVlbnRyYW50TG9jayRTeW5jO3B4cHNyADRqYXZhLnV0aWwuY29uY3VycmVudC5sb2Nrcy5SZWVudHJhbnRMb2NrJE5vbmZhaXJTeW5jZYgy51N7vwsCAABweHIALWphdmEudXRpbC5jb25jdXJyZW50LmxvY2tzLlJlZW50cmFudExvY2skU3luY7geopSqRFp8AgAAcHhyADVqYXZhLnV0aWwuY29uY3VycmVudC5sb2Nrcy5BYnN0cmFjdFF1ZXVlZFN5bmNocm9uaXplcmZVqEN1P1LjAgABSQAFc3RhdGVweHIANmphdmEudXRpbC5jb25jdXJyZW50LmxvY2tzLkFic3RyYWN0T3duYWJsZVN5bmNocm9uaXplcjPfr7mtbW+pAgAAcHhwAAAAAD9AAABzcQB+AAVzcQB+AAkAAAAAP0AAAHNxAH4ABXNxAH4ACQAAAAA/QAAAc3EAfgAFc3EAfgAJAAAAAD9AAABzcQB+AAVzcQB+AAkAAAAAP0AAAHNxAH4ABXNxAH4ACQAAAAA/QAAAc3EAfgAFc3EAfgAJAAAAAD9AAABzcQB+AAVzcQB+AAkAAAAAP0AAAHNxAH4ABXNxAH4ACQAAAAA/QAAAc3EAfgAFc3EAfgAJAAAAAD9AAABzcQB+AAVzcQB+AAkAAAAAP0AAAHNxAH4ABXNxAH4ACQAAAAA/QAAAc3EAfgAFc3EAfgAJAAAAAD9AAABzcQB+AAVzcQB+AAkAAAAAP0AAAHNxAH4ABXNxAH4ACQAAAAA/QAAAc3EAfgAFc3EAfgAJAAAAAD9AAAB0AAFrdAABdnBweA==', new Map([['k', 'v']])),
  answer('an empty map', 'UaztAAV3DwFGytB8AAABoguBTTOCQnNyAB5qYXZhLnV0aWwuQ29sbGVjdGlvbnMkRW1wdHlNYXBZNhSFWtzn0AIAAHB4cA==', new Map()),
  answer('a String[] with a null', 'UaztAAV3DwFGytB8AAABoguBTTOCQ3VyABNbTGphdmEubGFuZy5TdHJpbmc7rdJW5+kde0cCAABweHAAAAACdAABYXA=', ['a', null]),
  answer('an int[]', 'UaztAAV3DwFGytB8AAABoguBTTOCRHVyAAJbSU26YCZ26rKlAgAAcHhwAAAAAgAAAAH////+', [1, -2]),
  answer('null', 'UaztAAV3DwFGytB8AAABoguBTTOCRXA=', null),
  answer('a list of a map, an array and an enum constant', 'UaztAAV3DwFGytB8AAABoguBTTOCRnNyABNqYXZhLnV0aWwuQXJyYXlMaXN0eIHSHZnHYZ0DAAFJAARzaXplcHhwAAAAA3cEAAAAA3NyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3RvckkACXRocmVzaG9sZHB4cD9AAAAAAAABdwgAAAACAAAAAXQAAWt0AAF2eHVyAAJbSU26YCZ26rKlAgAAcHhwAAAAAgAAAAH////+fnIADVNlcnZlciRDb2xvdXIAAAAAAAAAABIAAHB4cgAOamF2YS5sYW5nLkVudW0AAAAAAAAAABIAAHB4cHQABUdSRUVOeA==', [new Map([['k', 'v']]), [1, -2], 'GREEN']),
  answer('a class', 'UaztAAV3DwFGytB8AAABoguBTTOCR3ZyABBqYXZhLmxhbmcuU3RyaW5noPCkOHo7s0ICAABweHA=', 'java.lang.String'),
  answer('a list that holds one list and one constant twice', 'UaztAAV3DwFGytB8AAABoguBTTOCSnNyABNqYXZhLnV0aWwuQXJyYXlMaXN0eIHSHZnHYZ0DAAFJAARzaXplcHhwAAAABHcEAAAABHNxAH4AAAAAAAJ3BAAAAAJ0AAFhdAABYnhxAH4AAn5yAA1TZXJ2ZXIkQ29sb3VyAAAAAAAAAAASAABweHIADmphdmEubGFuZy5FbnVtAAAAAAAAAAASAABweHB0AANSRURxAH4AB3g=', [['a', 'b'], ['a', 'b'], 'RED', 'RED']),
];

/** A java.util.UUID: of no class that has a plain form. */
export const UUID_ANSWER = Buffer.from(
  'UaztAAV3DwFGytB8AAABoguBTTOCSXNyAA5qYXZhLnV0aWwuVVVJRLyZA/eYbYUvAgACSgAMbGVhc3RTaWdCaXRzSgALbW9zdFNpZ0JpdHNweHAAAAAAAAAAAgAAAAAAAAAB',
  'base64',
);

/** newClient's answer: a stub that points at 127.0.0.1:41099 (UnicastRef). */
export const STUB_ANSWER = Buffer.from(
  'UaztAAV3DwFGytB8AAABoguBTTOCK3NyADJqYXZheC5tYW5hZ2VtZW50LnJlbW90ZS5ybWkuUk1JQ29ubmVjdGlvbkltcGxfU3R1YgAAAAAAAAACAgAAcHhyABpqYXZhLnJtaS5zZXJ2ZXIuUmVtb3RlU3R1Yun+3MmL4WUaAgAAcHhyABxqYXZhLnJtaS5zZXJ2ZXIuUmVtb3RlT2JqZWN002G0kQxhMx4DAABweHB3MgAKVW5pY2FzdFJlZgAJMTI3LjAuMC4xAACgi9fbgptkzmyVRsrQfAAAAaILgU0zgioBeA==',
  'base64',
);
