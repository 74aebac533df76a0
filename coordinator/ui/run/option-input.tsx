// The field itself: a choice, a number, a secret or text.
import type { ActionParameter } from '../../../shared/actions.ts';

interface Props {
  id: string;
  describedBy: string;
  parameter: ActionParameter;
  value: string;
  isWrong: boolean;
  onChange: (value: string) => void;
}

export function OptionInput({ id, describedBy, parameter, value, isWrong, onChange }: Props) {
  const choices = parameter.type === 'boolean' ? ['true', 'false'] : parameter['allowed-values'];
  const common = { id, value, 'aria-describedby': describedBy, 'aria-invalid': isWrong };
  const unset = parameter.default === null ? 'not set' : `default: ${parameter.default}`;
  if (choices !== null)
    return (
      <select {...common} onChange={(event) => onChange(event.target.value)}>
        <option value="">{unset}</option>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
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
