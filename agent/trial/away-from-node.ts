// A cassandra.yaml whose directories lie elsewhere, so that whoever loads it makes and writes nothing of the node's own.
import { posix } from 'node:path';
import { editYaml } from '../config-files/yaml-edit.ts';
import { readYaml } from '../config-files/yaml-source.ts';

/** 5.0 makes its directories while it loads its configuration, and writes a file to learn a disk's block size. */
const DIRECTORY_KEY = /_director(?:y|ies)$|^heap_dump_path$/;

/** Cassandra compares them as they are written: to it a slash at the end makes another one. */
const asWritten = (value: string): string => (/[^/]\/+$/.test(value) ? '/' : '');

/**
 * Two that are the same stay the same, which Cassandra refuses of most, and two that are not stay two.
 * @param root absolute: what takes the place of /
 * @param cwd what relative ones count from, so that none leads out of `root`
 */
export function awayFromNode(yaml: string, root: string, cwd: string): string {
  const moved = (value: unknown): unknown =>
    typeof value === 'string' && value !== ''
      ? posix.join(root, posix.resolve(cwd, value)) + asWritten(value)
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
