import { describe, expect, it } from 'vitest';
import { crc24 } from '../../../../src/protect/pgp/armour.js';
import { mpi } from '../../../../src/protect/pgp/mpi.js';
import { PART, partialPacket } from '../../../../src/protect/pgp/partial-packet.js';
import { remembered } from '../../../../src/shared/remembered.js';
import { collect } from './sealing.js';

const START = 0xb704ce;

describe('pieces of packets', () => {
  it.each([
    ['', START],
    ['123456789', 0x21cf02],
  ])('CRC-24 of %j', (text, sum) => {
    expect(crc24(START, Buffer.from(text))).toBe(sum);
  });

  it('CRC-24 may be taken in pieces', () => {
    expect(crc24(crc24(START, Buffer.from('1234')), Buffer.from('56789'))).toBe(0x21cf02);
  });

  // RFC 9580 3.2 and 11.3.1.
  it.each([
    ['01', '000101'],
    ['01ff', '000901ff'],
    ['0002ee1900', '001a02ee1900'],
    ['0000', '0000'],
  ])('a multiprecision integer: %s', (value, written) => {
    expect(Buffer.from(mpi(Buffer.from(value, 'hex'))).toString('hex')).toBe(written);
  });

  it.each([
    [0, 'd200'],
    [191, 'd2bf'],
    [192, 'd2c000'],
    [8383, 'd2dfff'],
    [8384, 'd2ff000020c0'],
    [PART, 'd2ff00010000'],
    [PART + 1, 'd2f0'],
  ])('a packet with %s octets', async (size, head) => {
    async function* body() {
      for (let at = 0; at < size; at += 5000) yield Buffer.alloc(Math.min(5000, size - at), 7);
    }
    const packet = await collect(partialPacket(18, body()));
    expect(packet.toString('hex', 0, head.length / 2)).toBe(head);
    if (size > PART) expect(packet.toString('hex', 2 + PART)).toBe('0107');
    else expect(packet.length).toBe(head.length / 2 + size);
  });
});

describe('what is remembered', () => {
  it('is asked once, and forgotten when others were asked since', () => {
    const asked: number[] = [];
    const ask = remembered(2, String, (question: number) => {
      asked.push(question);
      return { question };
    });
    expect(ask(1)).toBe(ask(1));
    ask(2);
    ask(1);
    ask(3);
    ask(1);
    ask(2);
    expect(asked).toEqual([1, 2, 3, 2]);
  });

  it('is never a failure', () => {
    let left = 1;
    const ask = remembered(2, String, (question: number) => {
      if (left-- > 0) throw new Error('not yet');
      return question;
    });
    expect(() => ask(1)).toThrow('not yet');
    expect(ask(1)).toBe(1);
  });
});
