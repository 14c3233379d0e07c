const PAIRS = `
  white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎
  no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 warning ⚠️ rotating_light 🚨 construction 🚧 hourglass ⌛
  hourglass_flowing_sand ⏳ stopwatch ⏱️ alarm_clock ⏰ timer_clock ⏲️ calendar 📅 rocket 🚀 tada 🎉 ship 🚢
  package 📦 fire 🔥 boom 💥 checkered_flag 🏁 sparkles ✨ rewind ⏪ back 🔙 leftwards_arrow_with_hook ↩️
  arrows_counterclockwise 🔄 repeat 🔁 wastebasket 🗑️ arrow_forward ▶️ arrow_right ➡️ arrow_up ⬆️
  arrow_down ⬇️ double_vertical_bar ⏸️ large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠
  red_circle 🔴 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ large_green_square 🟩 large_red_square 🟥
  traffic_light 🚥 +1 👍 -1 👎 thumbsup 👍 thumbsdown 👎 eyes 👀 wave 👋 raised_hand ✋ pray 🙏 ticket 🎫 link 🔗
  memo 📝 pushpin 📌 label 🏷️ bell 🔔 mega 📣 speech_balloon 💬 lock 🔒 unlock 🔓 key 🔑 gear ⚙️ wrench 🔧
  hammer 🔨 mag 🔍 bulb 💡 zap ⚡ information_source ℹ️ question ❓ exclamation ❗ robot_face 🤖
  globe_with_meridians 🌐 bust_in_silhouette 👤 busts_in_silhouette 👥 chart_with_upwards_trend 📈
  clipboard 📋 skull 💀`;

const EMOJI = new Map(
  [...PAIRS.matchAll(/(\S+) (\S+)/g)].map(([, code = '', character = '']) => [code, character] as const),
);

/** The character of a Slack short code like `rocket`; undefined for those that are not among the common ones. */
export function emoji(code: string): string | undefined {
  return EMOJI.get(code);
}
