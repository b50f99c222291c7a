import type { ListenerConfig } from '../config/schema.js';
import type { Lookup } from '../deliver/resolver.js';
import { errorCode, errorText } from '../shared/errors.js';
import { type Check, type DoctorContext, type Finding, ok, problem, warning } from './finding.js';
import { judgeCertificate } from './judge-certificate.js';
import { boundAddress, type SmtpView, smtpView } from './smtp-view.js';

const CHECK = 'listeners';

/** Greets every listener as those who send will: at the address that its name has in DNS, else where it is bound. */
export const checkListeners: Check = async (context) => {
  const { config } = context.loaded;
  const found = await context.dns.addresses(config.hostname);
  const all = await Promise.all(config.listeners.map((one) => checkListener(one, found, context)));
  return all.flat();
};

async function checkListener(
  listener: ListenerConfig,
  found: Lookup<string>,
  context: DoctorContext,
): Promise<readonly Finding[]> {
  const { name, address, mode } = listener;
  const { hostname, identities } = context.loaded.config;
  const bound = boundAddress(address.host);
  const ask = async (host: string): Promise<SmtpView | string> => {
    try {
      return await smtpView(context, {
        name: hostname,
        address: host,
        port: address.port,
        implicitTls: mode === 'submissions',
      });
    } catch (error) {
      return errorCode(error) === 'ECONNREFUSED' ? 'nobody listens there' : errorText(error);
    }
  };
  const here = await ask(bound);
  const where = `listener ${name} at ${bound}, port ${address.port}`;
  if (typeof here === 'string')
    return [
      problem(CHECK, `${where}: ${here}`, 'start the relay, or see its log for why it does not listen'),
    ];
  const findings: Finding[] = [];
  if (mode !== 'submissions' && here.greeting !== hostname)
    return [
      problem(
        CHECK,
        `${where} answers as another server than ${hostname}`,
        'find out which program holds the port (ss -ltnp), and stop it or choose another port',
      ),
    ];
  if (!here.startTls)
    findings.push(
      listener.tls.mode === 'off'
        ? warning(
            CHECK,
            `${where} offers no TLS to this machine`,
            'keep `off_for` to devices that know no TLS',
          )
        : problem(
            CHECK,
            `${where} offers no STARTTLS`,
            'find out what stands between: some firewalls and virus scanners take STARTTLS away',
          ),
    );
  if (here.tls !== undefined) {
    const publicTrust = listener.identities.some((wanted) =>
      identities.some((one) => one.name === wanted && one.tenant !== undefined),
    );
    findings.push(
      ...judgeCertificate(CHECK, `listener ${name}`, here.tls, hostname, { now: context.now(), publicTrust }),
    );
  }
  findings.push(await fromOutside(listener, found, bound, here, ask));
  return findings;
}

/** Whether the name that clients use leads to this listener. */
async function fromOutside(
  { name, address }: ListenerConfig,
  found: Lookup<string>,
  bound: string,
  here: SmtpView,
  ask: (host: string) => Promise<SmtpView | string>,
): Promise<Finding> {
  // One problem, which the look at DNS tells.
  if (found.kind === 'failed')
    return warning(
      CHECK,
      `listener ${name} answers here; whether its name leads to it is not known, because DNS gives no answer`,
      'see to DNS, and run this again',
    );
  const outside = found.kind === 'found' ? found.records[0] : undefined;
  if (outside === undefined)
    return problem(
      CHECK,
      `listener ${name}: the relay's name has no address in DNS, so nobody finds it`,
      'publish an A or AAAA record for `hostname`',
    );
  if (outside === bound) return ok(CHECK, `listener ${name} answers at ${outside}, port ${address.port}`);
  const there = await ask(outside);
  if (typeof there === 'string')
    return warning(
      CHECK,
      `listener ${name}: at ${outside}, where DNS leads, ${there} on port ${address.port}`,
      'if clients and servers connect by that address, forward the port to this machine and let the firewall pass it; some routers cannot be reached from inside by their outer address, then ask from another network',
    );
  const same =
    there.tls?.certificate.fingerprint256 === here.tls?.certificate.fingerprint256 &&
    there.greeting === here.greeting;
  return same
    ? ok(CHECK, `listener ${name} answers at ${outside}, port ${address.port}`)
    : problem(
        CHECK,
        `listener ${name}: at ${outside}, where DNS leads, another server answers on port ${address.port}`,
        'correct the DNS record of `hostname`, or what forwards the port',
      );
}
