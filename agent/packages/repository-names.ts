// What the product's repository is called on a host: the original's names.

/** of apt */
export const SOURCE_LIST = '/etc/apt/sources.list.d/opsc.list';
/** of dnf */
export const RPM_REPOSITORY = 'opsc';
