// Asks the browser for a passkey, puts its answer into the form, and sends that. Nothing else runs on our pages.

{
  const decode = (text) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
  const encode = (bytes) =>
    btoa(Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join(''))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  const withBytes = (list) => (list ?? []).map((one) => ({ ...one, id: decode(one.id) }));

  const ask = async (kind, options) => {
    const challenge = decode(options.challenge);
    if (kind === 'create') {
      const publicKey = {
        ...options,
        challenge,
        user: { ...options.user, id: decode(options.user.id) },
        excludeCredentials: withBytes(options.excludeCredentials),
      };
      const made = await navigator.credentials.create({ publicKey });
      return {
        id: made.id,
        response: {
          clientDataJSON: encode(made.response.clientDataJSON),
          attestationObject: encode(made.response.attestationObject),
        },
      };
    }
    const publicKey = { ...options, challenge, allowCredentials: withBytes(options.allowCredentials) };
    const given = await navigator.credentials.get({ publicKey });
    return {
      id: given.id,
      response: {
        clientDataJSON: encode(given.response.clientDataJSON),
        authenticatorData: encode(given.response.authenticatorData),
        signature: encode(given.response.signature),
      },
    };
  };

  const form = document.getElementById('passkey');
  const failed = document.getElementById('passkey-failed');
  if (form !== null && failed !== null && window.PublicKeyCredential !== undefined) {
    form.hidden = false;
    document.getElementById('passkey-missing')?.remove();
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        const answer = await ask(form.dataset.kind, JSON.parse(form.dataset.options));
        form.elements.namedItem('answer').value = encode(new TextEncoder().encode(JSON.stringify(answer)));
        form.submit();
      } catch {
        // Cancelled, timed out, or no passkey of this site: the page says so, and nothing was sent.
        failed.hidden = false;
      }
    });
  }
}
