/** The words of the frame around every page. A `{name}` is filled in. */

export const words = {
  title: { zh: '精准调度', en: 'Precision dispatch' },
  otherLanguage: { zh: 'English', en: '中文' },
  toLight: { zh: '日间配色', en: 'Light' },
  toDark: { zh: '夜间配色', en: 'Dark' },
  invented: { zh: '示范数据：人物、地点均为虚构', en: 'Demonstration: all of it is invented' },
  connecting: { zh: '正在连接', en: 'Connecting' },
  live: { zh: '实时更新', en: 'Live' },
  polled: { zh: '每两秒更新 · {time}', en: 'Updated every two seconds · {time}' },
  lost: { zh: '连接中断：自 {time} 起，正在自动重连', en: 'Connection lost since {time}; trying again by itself' },
  unreachable: { zh: '无法连接服务', en: 'The service cannot be reached' },
  waitingForService: { zh: '正在等待服务…', en: 'Waiting for the service…' },
  refused: { zh: '被拒绝（{code}）{detail}', en: 'refused ({code}) {detail}' },
  notDone: { zh: '未完成：{what}。{why}', en: 'Not done: {what}. {why}' },
  dismiss: { zh: '知道了', en: 'Dismiss' },
  skip: { zh: '跳到正文', en: 'Skip to the page' },

  token: { zh: '访问令牌', en: 'Access token' },
  tokenNone: { zh: '请输入访问令牌。', en: 'An access token is needed.' },
  tokenExpired: {
    zh: '令牌无效或已过期。输入新的令牌即可继续，已填写的内容不会丢失。',
    en: 'The token is not valid, or has expired. Give another to go on; nothing you typed is lost.',
  },
  tokenRefused: { zh: '令牌无效。', en: 'The token is not valid.' },
  tokenOther: {
    zh: '您已登录为{role}（{subject}），此页面属于别人，不能打开。如需以其他身份进入，请输入其令牌。',
    en: 'You are signed in as {role} ({subject}). This page is another’s and cannot be opened. To enter as somebody else, give their token.',
  },
  toOwnPage: { zh: '回到自己的页面', en: 'Back to your own page' },
  notAllowed: {
    zh: '服务拒绝了：此身份（{role} {subject}）无权查看这个页面，没有显示任何数据。',
    en: 'Refused by the service: {role} {subject} may not see this page. Nothing of it is shown.',
  },
  tokenHint: {
    zh: '令牌只保存在本标签页，关闭即清除。可用 npm run --silent token -- dispatcher 生成。',
    en: 'Kept in this tab only, gone when it closes. Make one with: npm run --silent token -- dispatcher',
  },
  enter: { zh: '进入', en: 'Enter' },
  noPage: {
    zh: '此角色没有自己的页面，通过接口工作（见 /docs）。',
    en: 'This role has no page of its own; it works through the interface (see /docs).',
  },
  pageFailed: { zh: '页面出错，请重新载入。', en: 'The page broke; load it again.' },
  reload: { zh: '重新载入', en: 'Load again' },

  keysOfFrame: { zh: '随时可用', en: 'Always' },
  help: { zh: '按键说明', en: 'What the keys do' },
  closeHelp: { zh: '关闭', en: 'Close' },
  acknowledge: { zh: '确认警报', en: 'Acknowledge the alarm' },
  acknowledgeOne: { zh: '确认', en: 'Acknowledge' },
  alarms: { zh: '警报', en: 'Alarms' },
  soundOn: { zh: '声音：开', en: 'Sound: on' },
  soundOff: { zh: '声音：关', en: 'Sound: off' },
  soundBlocked: { zh: '声音未启用：请点击页面或按任意键', en: 'No sound yet: click the page or press a key' },

  mapData: { zh: '导入数据 © OpenStreetMap', en: 'Imported data © OpenStreetMap' },
  mapFailed: { zh: '此浏览器无法显示地图。', en: 'This browser cannot show the map.' },
} as const;
