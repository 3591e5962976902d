import { beforeEach, describe, expect, it } from '@jest/globals';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';

describe('RecoveryGate', () => {
  let gate: RecoveryGate;
  let openings: number;
  let remove: () => void;

  beforeEach(() => {
    gate = new RecoveryGate();
    openings = 0;
    remove = gate.onOpen(() => openings++);
  });

  it('admits one recovered job at a time', () => {
    const pass = gate.enter();
    expect(gate.isOpen()).toBe(false);
    expect(gate.enter()).toBeUndefined();
    pass!.leave();
    expect(gate.isOpen()).toBe(true);
    expect(gate.enter()).toBeDefined();
  });

  it('calls its listeners when it opens, if it refused a job before', () => {
    gate.enter()!.leave();
    expect(openings).toBe(0);
    const pass = gate.enter()!;
    gate.enter();
    pass.leave();
    expect(openings).toBe(1);
    gate.enter()!.leave();
    expect(openings).toBe(1);
  });

  it('calls its listeners when it opens, if it said before that it is closed', () => {
    const pass = gate.enter()!;
    expect(gate.isOpen()).toBe(false);
    pass.leave();
    expect(openings).toBe(1);
  });

  it('ignores a pass that has left before', () => {
    const pass = gate.enter()!;
    pass.leave();
    const other = gate.enter()!;
    pass.leave();
    expect(gate.isOpen()).toBe(false);
    other.leave();
    expect(gate.isOpen()).toBe(true);
  });

  it('does not call a listener that was removed', () => {
    remove();
    const pass = gate.enter()!;
    gate.enter();
    pass.leave();
    expect(openings).toBe(0);
  });
});
