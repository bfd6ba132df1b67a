/** Texts of first start and signing in. */
import type { SameTexts } from './language.ts'

const en = {
  title: 'Sign in',
  lead: 'Review console of the coupon programme',
  name: 'Name',
  password: 'Password',
  submit: 'Sign in',
  wrong: 'Name or password is wrong.',
  locked: 'Too many attempts. Wait a little, then try again.',
  first: {
    title: 'Welcome',
    lead: 'Nobody can sign in yet. Make the first administrator with the code that the terminal shows.',
    code: 'Setup code',
    codeHint: 'It stands in the terminal where couponguard was started.',
    name: 'Your name',
    nameHint: 'Colleagues see it beside your verdicts.',
    submit: 'Begin',
    wrong: 'That code is not right. The terminal shows the current one.',
  },
}
const zh: SameTexts<typeof en> = {
  title: '登录',
  lead: '优惠券反欺诈审核台',
  name: '姓名',
  password: '密码',
  submit: '登录',
  wrong: '姓名或密码不正确。',
  locked: '尝试次数过多，请稍后再试。',
  first: {
    title: '欢迎使用',
    lead: '目前还没有人可以登录。请用终端上显示的初始化码创建第一位管理员。',
    code: '初始化码',
    codeHint: '显示在启动 couponguard 的终端里。',
    name: '您的姓名',
    nameHint: '同事会在您的判定旁看到它。',
    submit: '开始使用',
    wrong: '初始化码不正确，请以终端当前显示的为准。',
  },
}
export const entryTexts = { en, zh }
