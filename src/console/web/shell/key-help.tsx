/** All keys on one sheet. */
import { Modal } from '@mantine/core'
import { bindings, type KeyScope, keyIds } from '../keys/bindings.ts'
import { Caps } from '../keys/caps.tsx'
import classes from './key-help.module.css'
import { useTexts } from './settings.tsx'

const scopes: readonly KeyScope[] = ['anywhere', 'rows', 'queue', 'case']

export function KeyHelp({ close }: { readonly close: () => void }) {
  const { shell, keys } = useTexts()
  return (
    <Modal
      opened
      onClose={close}
      title={shell.help.title}
      size={1080}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <div className={classes.sheet}>
        {scopes.map((scope) => (
          <section key={scope} className={`${classes.scope} ${classes[scope]}`}>
            <h3 className={classes.title}>{keys.scope[scope]}</h3>
            <dl className={classes.list}>
              {keyIds
                .filter((id) => bindings[id][0] === scope)
                .map((id) => (
                  <div key={id} className={classes.row}>
                    <dt>{keys.does[id]}</dt>
                    <dd className={classes.keys}>
                      <Caps of={id} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
