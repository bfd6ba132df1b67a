/** Reasons that come from the engine and not from a rule, in both languages. */
export const fixedReasons = {
  'too-late': {
    zh: '事件到达太晚,窗口已不能准确读取,需要人工审核。',
    en: 'The event came too late for its windows to be read; a person has to look.',
  },
  'too-many-events': {
    zh: '该用户一天内事件过多,无法判断是否重复,需要人工审核。',
    en: 'The user has so many events in a day that repeats cannot be told; a person has to look.',
  },
  'kill-switch': {
    zh: '总开关已打开:全部转人工审核。',
    en: 'The kill switch sends everything to review.',
  },
  'rule-failed': {
    zh: '有规则未能完成计算,需要人工审核。',
    en: 'A rule could not be evaluated; a person has to look.',
  },
  'share-alert': {
    zh: '当日异常核销占比超过阈值,本范围转人工审核。',
    en: 'The share of abnormal redemptions of the day passed its limit: this scope is in manual review.',
  },
} as const
