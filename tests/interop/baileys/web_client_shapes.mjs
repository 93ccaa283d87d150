// The shapes that WhatsApp Web's own modules give to the stanzas that Portrait
// sends: one row for each stanza, with the module that forms it. The facts are
// those of builds 2.3000.1040944432 and later. `*` stands for any text. If
// Portrait has its own reason for another shape, the stanza is in EXCEPTIONS, with
// its row in the second table of DIFFERENCES.md.

const SERVER = '@s.whatsapp.net';

const iq = (type, xmlns, ...lines) => [
  'iq id="*"', `iq to="${SERVER}"`, `iq type="${type}"`, `iq xmlns="${xmlns}"`,
  ...lines.map(line => `iq${line}`),
];

const ack = (name, to, type) => [
  `ack class="${name}"`, 'ack id="*"', `ack to="${to}"`,
  ...(type ? [`ack type="${type}"`] : []),
];

const picture = (target, type) => iq(
    'get', 'w:profile:picture', ` target="<${target}>"`, '/picture query="url"',
    `/picture type="${type}"`);

const usync = (...lines) => iq(
    'get', 'usync', '/usync context="interactive"', '/usync index="0"',
    '/usync last="true"', '/usync mode="query"', '/usync sid="*"', ...lines);

const payload = (...lines) => [
  'connectReason=USER_ACTIVATED',
  'connectType=WIFI_UNKNOWN',
  'userAgent.appVersion.primary=2',
  'userAgent.appVersion.secondary=3000',
  'userAgent.appVersion.tertiary=*',
  'userAgent.device=Desktop',
  'userAgent.localeCountryIso31661Alpha2=*',
  'userAgent.localeLanguageIso6391=*',
  'userAgent.manufacturer=',
  'userAgent.mcc=000',
  'userAgent.mnc=000',
  'userAgent.osBuildNumber=0.1',
  'userAgent.osVersion=0.1',
  'userAgent.platform=WEB',
  'userAgent.releaseChannel=RELEASE',
  'webInfo.webSubPlatform=WEB_BROWSER',
  ...lines,
];

const login = passive => payload(
    'device=*', 'lc=*', 'lidDbMigrated=true', `passive=${passive}`, 'pull=true',
    'username=*');

const PROPS = 'devicePairingData.deviceProps.';
const HISTORY = `${PROPS}historySyncConfig.`;

// [module, stanza, shape]
const ROWS = [
  ['WAWebContactImportContactVerifier',
   'iq get usync <usync> by number',
   usync(
       '/usync/list/user/contact = <digits>',
       '/usync/query/business/verified_name', '/usync/query/contact',
       '/usync/query/lid', '/usync/query/picture')],
  ['WAWebContactProfilePicThumbBridge',
   'iq get w:profile:picture <picture> image of a person',
   picture('@lid', 'image')],
  ['WAWebContactProfilePicThumbBridge',
   'iq get w:profile:picture <picture> preview of a person',
   picture('@lid', 'preview')],
  ['WAWebProfilePicThumbCollection',
   'iq get w:profile:picture <picture> image of a group',
   picture('@g.us', 'image')],
  ['WAWebProfilePicThumbCollection',
   'iq get w:profile:picture <picture> preview of a group',
   picture('@g.us', 'preview')],
  ['WAWebUploadPreKeysJob',
   'iq set encrypt <registration>',
   iq('set', 'encrypt', '/identity = <32 bytes>',
      '/list/key/id = <3 bytes>', '/list/key/value = <32 bytes>',
      '/registration = <4 bytes>', '/skey/id = <3 bytes>',
      '/skey/signature = <64 bytes>', '/skey/value = <32 bytes>',
      '/type = <1 bytes>')],
  ['WAWebDigestKeyJob',
   'iq get encrypt <digest>',
   iq('get', 'encrypt', '/digest')],
  ['WAWebAbPropsSyncJob',
   'iq get abt <props>',
   iq('get', 'abt', '/props protocol="1"')],
  ['WASmaxOutPassiveModeActiveIQRequest',
   'iq set passive <active>',
   iq('set', 'passive', '/active')],
  ['WAWebClearDirtyBitsJob',
   'iq set urn:xmpp:whatsapp:dirty <clean>',
   iq('set', 'urn:xmpp:whatsapp:dirty', '/clean timestamp="*"',
      '/clean type="account_sync"', '/clean type="groups"')],
  ['WAWebUnifiedSession', 'ib <unified_session>',
   ['ib/unified_session id="*"']],
  ['WAWebOfflineHandler', 'ib <offline_batch>',
   ['ib/offline_batch count="200"']],
  ['WAWebHandlePairDevice', 'answer',
   ['iq id="*"', `iq to="${SERVER}"`, 'iq type="result"']],
  ['WAWebHandlePairSuccess', 'answer <pair-device-sign>',
   ['iq id="*"', `iq to="${SERVER}"`, 'iq type="result"',
    'iq/pair-device-sign/device-identity = <bytes>',
    'iq/pair-device-sign/device-identity key-index="*"']],
  ['WAWebAltDeviceLinkingApi',
   'iq set md <link_code_companion_reg> companion_hello',
   iq('set', 'md', `/link_code_companion_reg jid="<${SERVER}>"`,
      '/link_code_companion_reg should_show_push_notification="true"',
      '/link_code_companion_reg stage="companion_hello"',
      '/link_code_companion_reg/companion_platform_display = <display name>',
      '/link_code_companion_reg/companion_platform_id = <text>',
      '/link_code_companion_reg/companion_server_auth_key_pub = <32 bytes>',
      '/link_code_companion_reg/link_code_pairing_nonce = <1 bytes>',
      '/link_code_companion_reg/' +
          'link_code_pairing_wrapped_companion_ephemeral_pub = <80 bytes>')],
  ['WAWebAltDeviceLinkingApi',
   'iq set md <link_code_companion_reg> companion_finish',
   iq('set', 'md', `/link_code_companion_reg jid="<${SERVER}>"`,
      '/link_code_companion_reg stage="companion_finish"',
      '/link_code_companion_reg/companion_identity_public = <32 bytes>',
      '/link_code_companion_reg/link_code_pairing_ref = <* bytes>',
      '/link_code_companion_reg/' +
          'link_code_pairing_wrapped_key_bundle = <156 bytes>')],
  // Which module logs out was not read; Baileys and whatsmeow agree on it.
  ['(logout)',
   'iq set md <remove-companion-device>',
   iq('set', 'md', `/remove-companion-device jid="<${SERVER}>"`,
      '/remove-companion-device reason="user_initiated"')],
  ['WAWebReceiptAck', 'ack of receipt', ack('receipt', '*')],
  ['WAWebHandleVoipCall', 'ack of call', ack('call', '*')],
  ['WAWebHandleServerSyncNotification', 'ack of notification server_sync',
   ack('notification', SERVER, 'server_sync')],
  ['WAWebHandleProfilePicNotification', 'ack of notification picture',
   ack('notification', '*', 'picture')],
  ['WAWebHandlePreKeyLow', 'ack of notification encrypt',
   ack('notification', SERVER, 'encrypt')],
  ['WAWebAltDeviceLinkingApi', 'ack of notification link_code_companion_reg',
   ack('notification', SERVER, 'link_code_companion_reg')],
  ['WAWebGetClientPayloadForLogin', 'payload: login', login(true)],
  ['WAWebGetClientPayloadForLogin', 'payload: later login', login(false)],
  ['WAWebClientPayload', 'payload: registration',
   payload(
       'devicePairingData.buildHash=<16 bytes>',
       'devicePairingData.eIdent=<32 bytes>',
       'devicePairingData.eKeytype=<1 bytes>',
       'devicePairingData.eRegid=<4 bytes>',
       'devicePairingData.eSkeyId=<3 bytes>',
       'devicePairingData.eSkeySig=<64 bytes>',
       'devicePairingData.eSkeyVal=<32 bytes>',
       `${HISTORY}inlineInitialPayloadInE2EeMsg=true`,
       `${HISTORY}storageQuotaMb=*`,
       `${HISTORY}supportBizHostedMsg=true`,
       `${HISTORY}supportBotUserAgentChatHistory=true`,
       `${HISTORY}supportCagReactionsAndPolls=true`,
       `${HISTORY}supportCallLogHistory=false`,
       `${HISTORY}supportFbidBotChatHistory=true`,
       // A switch of the page, whose value is not known.
       `${HISTORY}supportGroupHistory=*`,
       `${HISTORY}supportHostedGroupMsg=true`,
       `${HISTORY}supportMessageAssociation=true`,
       `${HISTORY}supportRecentSyncChunkMessageCountTuning=true`,
       `${HISTORY}thumbnailSyncDaysLimit=*`,
       `${PROPS}os=*`,
       `${PROPS}platformType=CHROME`,
       `${PROPS}requireFullSync=false`,
       `${PROPS}version.primary=*`,
       `${PROPS}version.secondary=0`,
       `${PROPS}version.tertiary=0`,
       'passive=false', 'pull=false')],
];

// Stanzas that no module forms in this way, with their rows of DIFFERENCES.md.
export const EXCEPTIONS = {
  'iq get usync <usync> by JID': 'A query by LID',
};

const patternOf = text => new RegExp(`^/?${
    text.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`);

// Returns what differs between stanzas ({kind: lines}, see differences.mjs) and
// the rows: a line for each.
export function unlike(said) {
  const found = [];
  const rows = new Map(
      ROWS.map(([module, kind, lines]) => [kind, {module, lines}]));
  for (const [kind, lines] of said) {
    if (kind in EXCEPTIONS) continue;
    const row = rows.get(kind);
    if (!row) {
      found.push(`${kind}: in no row`);
      continue;
    }
    const patterns = row.lines.map(patternOf);
    const where = `${kind} (${row.module})`;
    for (const line of lines) {
      if (!patterns.some(one => one.test(line))) {
        found.push(`${where}: has ${line}`);
      }
    }
    row.lines.forEach((line, i) => {
      if (![...lines].some(one => patterns[i].test(one))) {
        found.push(`${where}: lacks ${line}`);
      }
    });
  }
  for (const kind of rows.keys()) {
    if (!said.has(kind)) found.push(`${kind}: was not said`);
  }
  return found;
}
