/** The words of the start page. A `{name}` is filled in. */

export const words = {
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
