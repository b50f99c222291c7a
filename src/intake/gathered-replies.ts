import type { Socket } from 'node:net';

/** Replies to commands that came together leave together (RFC 2920 3.2). */
export interface GatheredReplies {
  /** Holds back what is written from here on. */
  gather(socket: Socket): void;
  letGo(): void;
}

export function gatheredReplies(): GatheredReplies {
  let gathering: Socket | undefined;
  return {
    gather(socket) {
      if (gathering !== undefined) return;
      gathering = socket;
      gathering.cork();
    },
    letGo() {
      gathering?.uncork();
      gathering = undefined;
    },
  };
}
