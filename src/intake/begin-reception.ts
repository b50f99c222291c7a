import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { IpAddress } from './client-address.js';
import type { ListenerContext } from './context.js';
import { type Reception, receiveMessage } from './receive-message.js';
import { streamRights } from './stream.js';
import { traceOf } from './trace.js';
import type { OpenTransaction } from './transaction.js';

/** What a session says of the way by which a message comes. */
interface Way {
  readonly hostname: string;
  readonly address: IpAddress;
  readonly socket: Socket | TLSSocket;
  readonly esmtp: boolean;
}

/** Begins to receive the message of an open transaction, and gives it its ID. */
export function beginReception(
  context: ListenerContext,
  transaction: OpenTransaction,
  way: Way,
): { readonly reception: Reception; readonly id: string } {
  const { config, secretHeaders } = context.settings();
  const relay = context.loaded().config;
  const { identity, mail, sender, recipients } = transaction;
  const trace = traceOf({ now: context.clock.now(), ...way, transaction });
  const reception = receiveMessage(
    {
      identity,
      listener: context.name,
      mail,
      sender,
      recipients: [...recipients.values()],
      trace,
      organisationDomains: relay.organisation.domains,
      secretHeaders,
      streamRights: streamRights(relay, config, identity),
    },
    {
      maxSize: config.max_message_size,
      maxHeaderSize: relay.intake.max_header_size,
      maxReceived: relay.intake.max_received_headers,
    },
    context,
  );
  return { reception, id: trace.id };
}
