// A cassandra.yaml whose directories lie elsewhere, so that whoever loads it makes and writes nothing of the node's own.
import { posix } from 'node:path';
import { editYaml } from '../config-files/yaml-edit.ts';
import { readYaml } from '../config-files/yaml-source.ts';

/** 5.0 makes its directories while it loads its configuration, and writes a file to learn a disk's block size. */
const DIRECTORY_KEY = /_director(?:y|ies)$|^heap_dump_path$/;

/** Two that are the same stay the same, which Cassandra refuses of most. @param root absolute: what takes the place of / */
export function awayFromNode(yaml: string, root: string): string {
  const moved = (value: unknown): unknown =>
    typeof value === 'string' && value !== ''
      ? posix.join(root, value)
      : Array.isArray(value)
        ? value.map(moved)
        : value;
  const changes = new Map(
    Object.entries(readYaml(yaml).values)
      .filter(([key, value]) => DIRECTORY_KEY.test(key) && value !== null)
      .map(([key, value]) => [key, moved(value)]),
  );
  return editYaml(yaml, changes as Parameters<typeof editYaml>[1], 'cassandra-yaml');
}
