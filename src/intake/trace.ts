import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { newId } from '../shared/ids.js';
import { addressText, type IpAddress } from './client-address.js';
import type { Trace } from './rewrite-header.js';
import type { OpenTransaction } from './transaction.js';

/** Gives a message its ID, and gathers what its Received field and its record say of the way it came. */
export function traceOf(facts: {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly hostname: string;
  readonly address: IpAddress;
  readonly socket: Socket | TLSSocket;
  readonly esmtp: boolean;
  readonly transaction: OpenTransaction;
}): Trace {
  const { now, socket, transaction } = facts;
  return {
    id: newId(now),
    hostname: facts.hostname,
    clientAddress: addressText(facts.address),
    esmtp: facts.esmtp,
    smtpUtf8: transaction.mail.smtpUtf8,
    authenticated: transaction.identity.kind === 'account',
    ...(socket instanceof TLSSocket ? { tls: tlsFacts(socket) } : {}),
    receivedAt: now,
  };
}

function tlsFacts(socket: TLSSocket): { readonly protocol: string; readonly suite: string } {
  const cipher = socket.getCipher();
  return { protocol: socket.getProtocol() ?? cipher.version, suite: cipher.standardName };
}
