import type { Inspection } from './inspection.js';

/**
 * What is known of a message that nobody looks into, as the configuration says.
 * @param size bytes of the whole message
 */
export function omittedInspection(size: number): Inspection {
  return {
    parts: [],
    ambiguities: [],
    findings: [],
    classifications: [],
    headers: [],
    subject: '',
    size,
    notRead: true,
  };
}

/**
 * What is known of a message whose inspection died or was late: nothing but its size. One unread part stands for it.
 * @param size bytes of the whole message
 */
export function unreadInspection(failure: 'timed-out' | 'crashed', size: number): Inspection {
  return {
    parts: [
      {
        path: '0',
        mediaType: 'message/rfc822',
        disposition: 'none',
        status: failure === 'timed-out' ? 'timed-out' : 'corrupt',
        size,
      },
    ],
    ambiguities: [],
    findings: [],
    classifications: [],
    headers: [],
    subject: '',
    size,
    failure,
  };
}
