/** The dict in which an attacker says how far it is. */
export const PHASES = 'phases';
/** The key of the phase, and its values. Absent before the attack. */
export const PHASE = { key: 'phase', attack: 1, over: 2 } as const;
