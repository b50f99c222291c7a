/** Where a relay's files are, absolute. */
export interface UnitPaths {
  readonly node: string;
  readonly program: string;
  readonly config: string;
  readonly dataDir: string;
}

/**
 * A systemd unit that runs the relay as the user `sallyport`, with no more rights than it needs (systemd.exec(5)).
 * `Restart=on-failure`: it ends with status 1 when its store can't be written any more, and looks at what it has before it
 * listens again.
 */
export function systemdUnit({ node, program, config, dataDir }: UnitPaths): string {
  return `# Made by \`sallyport init\`: copy to /etc/systemd/system/sallyport.service, then \`systemctl enable --now sallyport\`.
[Unit]
Description=Sallyport, policy-enforcing outbound mail relay
After=network-online.target
Wants=network-online.target

[Service]
User=sallyport
Group=sallyport
ExecStart=${quoted(node)} ${quoted(program)} start --config ${quoted(config)}
ExecReload=/bin/kill -HUP $MAINPID
ReadWritePaths=${quoted(dataDir)}
UMask=0077
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictSUIDSGID=yes
LimitNOFILE=65536
Restart=on-failure
RestartSec=2
TimeoutStopSec=60

[Install]
WantedBy=multi-user.target
`;
}

/** systemd.syntax(7): blanks and quotes need quoting; a percent sign is a specifier, a dollar sign a variable. */
function quoted(path: string): string {
  const escaped = path.replace(/%/g, '%%').replace(/\$/g, '$$$$');
  return /[\s"'\\]/.test(escaped) ? `"${escaped.replace(/["\\]/g, '\\$&')}"` : escaped;
}
