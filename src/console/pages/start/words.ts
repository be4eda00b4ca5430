/** The words of the start page. A `{name}` is filled in. */

export const words = {
  first: { zh: '第一次来？', en: 'Here for the first time?' },
  firstHint: {
    zh: '接一个示范电话，一步一步看系统认出了谁、决定了什么、为什么。大约两分钟，不用鼠标。',
    en: 'Take a demonstration call and see, step by step, who was recognised, what was decided and why. About two minutes, without a mouse.',
  },
  beginGuide: { zh: '开始引导', en: 'Begin the guided call' },
  silentHint: {
    zh: '或者：有人按了一键呼救却不说话，救护车到了没有人开门。左边是调度员，右边是要去找人的社区卫生服务中心。大约三分钟。',
    en: 'Or: somebody presses a one-key device and says nothing; the ambulance comes and nobody opens. The dispatcher on the left, the health centre that finds the person on the right. About three minutes.',
  },
  beginSilent: { zh: '无人应答：按下一键呼救', en: 'Nobody answers: press the silent one-key call' },
  dispatcherDoes: {
    zh: '接听、判断、派车，看着八分钟',
    en: 'takes calls, decides, sends units, watches the eight minutes',
  },
  crewDoes: { zh: '去哪里、怎么进门、注意什么', en: 'where to, how to get in, what to take care of' },
  centreDoes: { zh: '无人应答时帮忙找到人', en: 'finds the person when nobody answers' },
  doctorDoes: { zh: '我的居民发生了什么，该随访谁', en: 'what happened to my residents, whom to follow up' },
  hospitalDoes: { zh: '送来的患者和结果', en: 'patients on their way, and their outcomes' },
  plannerDoes: { zh: '时间花在哪里，站点设在哪里', en: 'where the minutes go, where stations should stand' },
  registryDoes: { zh: '核对等待认领的医院结果', en: 'says whose the hospital reports are that wait' },
  adminDoes: { zh: '看到调度员所见', en: 'sees what the dispatcher sees' },
  chooseRole: { zh: '选择角色', en: 'Choose a role' },
  openNew: { zh: '在新标签页打开', en: 'open in a new tab' },
  several: { zh: '并排打开', en: 'Several side by side' },
  severalHint: {
    zh: '在一个窗口里同时看到多个角色，看一个动作如何到达其他人。',
    en: 'See several roles in one window, and how what one does reaches the others.',
  },
  showSeveral: { zh: '打开所选角色', en: 'Open the chosen roles' },
  chooseTwo: { zh: '请选择两到四个角色。', en: 'Choose two to four roles.' },
} as const;
