// The field itself: a choice, a number, a secret or text.
import type { ActionParameter } from '../../../shared/job-options.ts';

interface Props {
  id: string;
  describedBy: string;
  parameter: ActionParameter;
  value: string;
  isWrong: boolean;
  onChange: (value: string) => void;
}

const WORDS: Readonly<Record<string, string>> = { true: 'yes', false: 'no' };

/** What holds while a choice is left alone, once and as such. */
function unsetChoice({ default: value }: ActionParameter): string {
  if (value === null) return 'not set';
  const word = WORDS[String(value)] ?? String(value);
  return word === 'default' ? word : `${word} (default)`;
}

export function OptionInput({ id, describedBy, parameter, value, isWrong, onChange }: Props) {
  const choices = parameter.type === 'boolean' ? ['true', 'false'] : parameter['allowed-values'];
  const common = { id, value, 'aria-describedby': describedBy, 'aria-invalid': isWrong };
  if (choices !== null)
    return (
      <select {...common} onChange={(event) => onChange(event.target.value)}>
        <option value="">{unsetChoice(parameter)}</option>
        {choices
          .filter((choice) => choice !== String(parameter.default))
          .map((choice) => (
            <option key={choice} value={choice}>
              {WORDS[choice] ?? choice}
            </option>
          ))}
      </select>
    );
  const unset = parameter.default === null ? 'not set' : `default: ${parameter.default}`;
  const range = [parameter.minimum, parameter.maximum].filter((bound) => bound !== null).join(' to ');
  return (
    <input
      {...common}
      type={parameter.secret ? 'password' : 'text'}
      autoComplete={parameter.secret ? 'new-password' : 'off'}
      {...(parameter.type === 'integer' ? { inputMode: 'numeric' as const } : {})}
      placeholder={parameter.type === 'integer' && range !== '' ? `${unset} (${range})` : unset}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
