// What one setting of a configuration file is, in the words of the original's config definitions and a few of ours.

/** `user_defined`: an object whose keys the operator makes up; `ternary_boolean`: a boolean or a third word. */
export type SettingType =
  | 'boolean'
  | 'int'
  | 'float'
  | 'string'
  | 'list'
  | 'dict'
  | 'user_defined'
  | 'ternary_boolean';

export interface Setting {
  type: SettingType;
  /** of the members of a list or of a user_defined */
  value_type?: SettingType;
  /** of a dict, or of each member of a list or user_defined; a dict without takes anything */
  fields?: Settings;
  /** what the product takes when nothing says otherwise; absent: it works that out, or there is none */
  default_value?: unknown;
  description?: string;
  unit?: string;
  /** the only values that there are */
  options?: readonly string[];
  /** values that make sense, others being possible */
  suggestions?: readonly string[];
  /** a quantity with its unit (see quantities.ts), or `class`: a name, or an object of class_name and parameters */
  format?: string;
  /** the old way of a quantity is taken too: a number without its unit */
  plain_number?: true;
  /** a number or boolean is not taken for text, nor text for them */
  exact?: true;
  /** a secret: sealed and masked. Agents and the command line have no definitions and go by names (isSecretName); a test holds the two together */
  password?: true;
  /** the model sets it: what a profile says is overwritten */
  readonly?: true;
  /** kept and shown, and without effect */
  unwritten?: true;
  deprecated?: true;
  /** the name it goes by now */
  replaced_by?: string;
  /** first patch version that has it, and first that has it no more; all of the series unless given */
  since?: string;
  until?: string;
}
export type Settings = Readonly<Record<string, Setting>>;

/** Settings by file id. */
export type Definitions = Readonly<Record<string, Settings>>;
