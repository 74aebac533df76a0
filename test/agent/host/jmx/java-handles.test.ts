// References within a long answer: classes for ever, values of its beginning and of what is read just now.
import { expect } from 'chai';
import { ClassDescription } from '../../../../agent/host/jmx/java-format.ts';
import { JavaHandles } from '../../../../agent/host/jmx/java-handles.ts';

const FIRST = 0x7e0000;
const KEPT = 100_000;

describe('handles of Java objects', () => {
  it('are kept of classes and of the first values, and forgotten of others when it is said', () => {
    const handles = new JavaHandles();
    for (let at = 0; at < KEPT; at += 1) handles.remember(`early ${at}`);
    const late = new ClassDescription('late', 0);
    handles.reserve(late);
    handles.remember('value');
    expect(handles.at(FIRST + KEPT + 1)).to.equal('value');
    expect(handles.forgetValues()).to.equal(1);
    expect(handles.at(FIRST + KEPT)).to.equal(late);
    expect(handles.at(FIRST + KEPT - 1)).to.equal(`early ${KEPT - 1}`);
    expect(() => handles.at(FIRST + KEPT + 1)).to.throw('a reference to nothing');
    handles.remember('next');
    expect(handles.at(FIRST + KEPT + 2)).to.equal('next');
    expect(() => handles.at(FIRST + KEPT + 3)).to.throw('a reference to nothing');
  });

  it('may be given again from an earlier one on', () => {
    const handles = new JavaHandles();
    handles.remember('a');
    const { count } = handles;
    handles.remember('b');
    handles.backTo(count);
    expect(() => handles.at(FIRST + 1)).to.throw('a reference to nothing');
    handles.remember('c');
    expect(handles.at(FIRST + 1)).to.equal('c');
  });
});
