import { describe, expect, it } from 'vitest';
import { html, outcomeOf, type Trick } from './trick.js';

const about = (body: string) => html(`Patient SSN ${body}, asthma`);
const groups = (one: (group: string) => string, between = '-') =>
  about(['501', '23', '4567'].map(one).join(between));

const FORMS: readonly Trick[] = [
  ['values of fields', groups((one) => `<input value="${one}">`, ' '), 'found'],
  ['dashes between fields', groups((one) => `<input type=text value=${one}>`), 'found'],
  ['one digit a field', about([...'501234567'].map((one) => `<input value=${one}>`).join('')), 'found'],
  ['buttons', groups((one) => `<input type=submit value=${one}>`), 'found'],
  ['what a field asks for', groups((one) => `<input placeholder=${one}>`), 'found'],
  ['labels of choices', groups((one) => `<select><option label=${one}></select>`), 'found'],
  [
    'numbers of items that browsers repair',
    about(['501x', '+23', ' 4567.9'].map((one) => `<li value="${one}">`).join('')),
    'found',
  ],
  ['text that Word draws', groups((one) => `<v:shape><v:textpath string="${one}"/></v:shape>`), 'found'],
];

describe('fields of forms', () => {
  it.each(FORMS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it('puts no value together that nobody is shown', () => {
    expect(outcomeOf(groups((one) => `<input type=hidden value=${one}>`))).toBe('missed');
  });
});
