import type { Log } from '../ops/log.js';
import { errorFacts } from '../shared/errors.js';
import type { Reception } from './receive-message.js';
import { type Refusal, storeDown } from './reply.js';
import type { WireData } from './wire-data.js';

/** The one message of a session that is on its way in, from the reply to DATA to the reply to its end. */
export interface IncomingMessage {
  /** Nothing is being received or stored. */
  isIdle(): boolean;
  /** The client waits for us. */
  isStoring(): boolean;
  /** @param limit how long its data may take, in milliseconds, and what follows when it takes longer */
  begin(reception: Reception, limit: { readonly ms: number; readonly late: () => void }): void;
  /** Stores what was received whole, and gives its refusal; undefined: it was given up before. */
  store(
    reception: Reception,
    data: WireData,
    id: string,
  ): Promise<{ readonly refused?: Refusal } | undefined>;
  /** What became of it was answered. */
  answered(): void;
  /** The session ends: what isn't whole is dropped, what is being stored is stored all the same. */
  giveUp(): void;
}

export function incomingMessage(log: Log): IncomingMessage {
  let receiving: Reception | undefined;
  let isStoring = false;
  let timer: NodeJS.Timeout | undefined;
  return {
    isIdle: () => receiving === undefined && !isStoring,
    isStoring: () => isStoring,
    begin(reception, { ms, late }) {
      receiving = reception;
      timer = setTimeout(late, ms);
    },
    async store(reception, data, id) {
      clearTimeout(timer);
      if (receiving !== reception) return undefined;
      // From here on the message is stored even if the client goes away: it was received whole.
      receiving = undefined;
      isStoring = true;
      try {
        const refused = await reception.finish(data);
        return refused === undefined ? {} : { refused };
      } catch (error) {
        log.error({ messageId: id, ...errorFacts(error) }, 'a message could not be judged');
        await reception.abort();
        return { refused: storeDown('data') };
      }
    },
    answered() {
      isStoring = false;
    },
    giveUp() {
      clearTimeout(timer);
      const reception = receiving;
      receiving = undefined;
      void reception?.abort();
    },
  };
}
