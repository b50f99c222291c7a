/* A made-up message for processes that use the built store, and what is recorded when it is accepted. */

export const RECIPIENT = { address: 'ada@hospital.example', domain: 'hospital.example' };

/** As `queue.insert` takes it. `body` is sealed. */
export function newMessage(id, body) {
  const message = {
    id,
    origin: 'submitted',
    receivedAt: Date.now(),
    identity: 'ward3',
    sender: 'ward3@clinic.example',
    headerMessageId: `<${id}@clinic.example>`,
    smtpUtf8: false,
    eightBitMime: false,
    dsn: {},
    listener: 'submission',
    clientAddress: '127.0.0.1',
    body,
  };
  return { message, recipients: [RECIPIENT] };
}

export function acceptedEvent({ message, recipients }) {
  const { id: messageId, identity, listener, clientAddress, sender, body, headerMessageId } = message;
  return {
    type: 'message.accepted',
    data: {
      messageId,
      identity,
      listener,
      clientAddress,
      sender,
      recipients: recipients.map(({ address }) => address),
      size: body.size,
      headerMessageId,
    },
  };
}
