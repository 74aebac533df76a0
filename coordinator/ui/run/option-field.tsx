// One option of an action, by the type that its parameter list gives it; what the API refused stands beneath it.
import { useId } from 'react';
import type { ActionParameter } from '../../../shared/job-options.ts';
import { OptionInput } from './option-input.tsx';
import { labelOf } from './run-options.ts';

interface Props {
  parameter: ActionParameter;
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}

export function OptionField({ parameter, value, problem, onChange }: Props) {
  const id = useId();
  const helpId = `${id}-help`;
  const problemId = `${id}-problem`;
  const describedBy = problem === undefined ? helpId : `${helpId} ${problemId}`;
  return (
    <div className={problem === undefined ? 'option' : 'option wrong'}>
      <label htmlFor={id}>
        {labelOf(parameter.name)}
        {parameter.required && <span className="muted"> required</span>}
      </label>
      <OptionInput
        id={id}
        describedBy={describedBy}
        parameter={parameter}
        value={value}
        isWrong={problem !== undefined}
        onChange={onChange}
      />
      <p id={helpId} className="help">
        {parameter.description}
      </p>
      {problem !== undefined && (
        <p id={problemId} className="problem">
          {labelOf(parameter.name)} {problem}
        </p>
      )}
    </div>
  );
}
