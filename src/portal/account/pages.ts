import type { FastifyReply } from 'fastify';
import { sendPage } from '../../web/answers.js';
import type { Form } from '../../web/bound-forms.js';
import type { Field, PageData, PasskeyForm } from '../page-data.js';
import { allowScript } from '../script-policy.js';
import type { Front, Site, Visit } from '../site.js';
import type { Texts } from '../texts.js';
import { PASSWORD_LENGTH } from './passwords.js';

/** Sends the page with one form; where there is a passkey beside it, with its script. */
export function sendForm(
  site: Site,
  front: Front,
  visit: Visit,
  status: number,
  data: PageData['form'],
  sender?: string,
): FastifyReply {
  const nonce = data.passkey === undefined ? {} : { nonce: allowScript(visit.reply) };
  return sendPage(
    visit.reply,
    status,
    site.pages.page('form', { ...front.context(visit, sender), ...nonce }, data),
  );
}

/** The fields of a password of one's choice. */
export function newPasswordFields(t: Texts): readonly Field[] {
  return (['password', 'again'] as const).map((name) => ({
    name,
    label: t(name === 'password' ? 'password.new' : 'password.again'),
    type: 'password',
    autocomplete: 'new-password',
    most: PASSWORD_LENGTH.most,
  }));
}

export function addressField(t: Texts): Field {
  return {
    name: 'address',
    label: t('sign-in.address'),
    type: 'email',
    autocomplete: 'username',
    most: 254,
  };
}

export function passwordField(t: Texts): Field {
  return {
    name: 'password',
    label: t('password.label'),
    type: 'password',
    autocomplete: 'current-password',
    most: PASSWORD_LENGTH.most,
  };
}

export function totpField(t: Texts): Field {
  return {
    name: 'totp',
    label: t('totp.label'),
    type: 'text',
    autocomplete: 'one-time-code',
    numeric: true,
    most: 20,
  };
}

export function codeField(t: Texts, label: 'passphrase.label' | 'confirm.code' | 'code.label'): Field {
  return {
    name: label === 'passphrase.label' ? 'passphrase' : 'code',
    label: t(label),
    type: 'text',
    autocomplete: label === 'passphrase.label' ? 'off' : 'one-time-code',
    numeric: true,
    most: 20,
  };
}

export function passwordRule(t: Texts): string {
  return t('password.rule', { least: PASSWORD_LENGTH.least });
}

/** A form that signs in, or confirms, with a passkey. */
export function useOfPasskey(t: Texts, form: Form, options: string): PasskeyForm {
  return {
    ...form,
    kind: 'get',
    options,
    button: t('passkey.use'),
    missing: t('passkey.missing'),
    failed: t('passkey.failed'),
  };
}
