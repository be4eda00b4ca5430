/** The words about first responders and suggested moves. A `{name}` is filled in. */

export const words = {
  responders: { zh: '附近的第一响应者', en: 'First responders nearby' },
  alert: { zh: '通知', en: 'Alert' },
  alertTo: { zh: '通知 {who}', en: 'Alert {who}' },
  alerting: { zh: '通知第一响应者', en: 'Alerting a first responder' },
  answering: { zh: '登记应答', en: 'Noting the answer' },
  comes: { zh: '能来', en: 'Comes' },
  cannot: { zh: '不能来', en: 'Cannot' },
  there: { zh: '已到', en: 'There' },
  standDown: { zh: '撤回', en: 'Stand down' },
  inMinutes: { zh: '通知后约 {time} · {metres} 米', en: 'about {time} after the alert · {metres} m' },
  fetched: { zh: '取来约 {time} · {metres} 米 · {where}', en: 'fetched in about {time} · {metres} m · {where}' },
  by: { zh: '预计 {at} 到', en: 'there by {at}' },
  answerBy: { zh: '{at} 前未应答则通知下一位', en: 'without an answer by {at} the next is alerted' },
  stops: { zh: '第一响应者到达不停八分钟计时。', en: 'Their arrival does not stop the eight-minute clock.' },

  move: { zh: '移动建议', en: 'Suggested move' },
  moveTo: { zh: '{unit} 移到 {station}', en: '{unit} to {station}' },
  moveGain: {
    zh: '覆盖 {before}% → {after}% · 行驶 {time} · 近 12 小时出车 {hours} 小时、移动 {drives} 小时 · 近 4 小时已移动 {moves} 次',
    en: 'cover {before}% → {after}% · {time} drive · {hours} h on calls and {drives} h on moves in 12 h · {moves} moves in 4 h',
  },
  accept: { zh: '同意移动', en: 'Move it' },
  refuse: { zh: '不移动', en: 'Leave it' },
  deciding: { zh: '决定移动建议', en: 'Deciding on the move' },
} as const;
