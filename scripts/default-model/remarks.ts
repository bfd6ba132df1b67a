/**
 * What people who looked at the trials have to say, each figure with the seeds it is from. It
 * stands in the card below what was asked and not reached; look again whenever the model is made
 * anew.
 */
export const remarks: readonly string[] = [
  '- **Careful actors.** Most of what is still missed is theirs. Careful one-IP batches are missed nearly whole, as by the rules: two events',
  "  an account, each on a phone of its own, over eight addresses and two days, look like anybody's. So do careful cash-out merchants and",
  '  careful takeovers, which have a phone for every account.',
  '- **A kind that shares nothing is not found from others.** Takeovers can be, because their phones and minutes resemble those of farms and',
  '  scripts. With `top-up-mule` held out as well, a smaller forest of three of these campaigns added nothing to what the rules catch of mules',
  '  (60.2 % and 43.4 %, seeds 1211 and 1212); with mules in training such a forest added 24 and 38 points. Expect the former of a kind that',
  '  nobody has labelled.',
  '- **The choice was not quite blind.** Nothing was learned from the kind that was held out. But takeovers of two other seeds (1211, 1212) were',
  '  looked at while leaves and weights were chosen, and those that were chosen do better on them than others that do alike on the usual kinds.',
  '- **The gain on the held-out kind depends on the run**: where most takeovers are brash the rules have them already. One of the four seeds',
  '  lies below 20 points; what was asked is held against the four together.',
  '- **False alarms** rise from 1 honest event in 1,800 to 1 in 700, nearly all of them reviews. Of the 354 that the model adds on seeds 1201 and',
  '  1202, 78 share a device with another account that day, 78 claim three coupons within the hour, 77 take or send gifts, 57 top up small',
  '  amounts again, 56 mistyped a code, 34 spend a code of somebody else; only 15 do none of these.',
  '- **The rules cannot be let down to the precision of both**: nearly all that they let go scores nothing, and taking all of it would be a',
  '  flood. So in the tables they stand at their own precision, which is higher.',
  '- On the mix with takeovers precision is about 95 %, below what tuning aimed at, as that mix was not tuned on; one seed lies at 94.8 %.',
]
