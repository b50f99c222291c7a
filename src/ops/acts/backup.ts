import { z } from 'zod';
import { act } from './act.js';

/** Makes a backup in a folder that doesn't exist yet; the relay goes on meanwhile. */
export const makeBackup = act(z.strictObject({ to: z.string().min(1).max(4096) }), async (context, input) => {
  const made = await context.makeBackup(input.to, context.actor.name);
  return { backup: input.to, ...made, recipients: { ...made.recipients }, leftOut: [...made.leftOut] };
});

/** Replaces the master key, and destroys the old one; the relay goes on meanwhile. */
export const rotateMaster = act(z.strictObject({}), async (context) => {
  const { damaged, ...rotated } = await context.rotateMaster(context.actor.name);
  return { ...rotated, damaged: damaged.map((one) => ({ ...one })) };
});
