/** The page's style: light, dark, narrow and on paper. Every colour of text has a contrast of 4.5 and more on its ground. */
export const PAGE_STYLE = `
:root{color-scheme:light;--ground:#f5f6f8;--paper:#fff;--ink:#1c2127;--soft:#57606a;--edge:#dadfe5;--link:#0a58ab;--code:#eef1f4;
--noncompliant:#b3261e;--unreadable:#7b3fa0;--pending:#855600;--waived:#57606a;--compliant:#1a7435}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--ground:#0f1318;--paper:#171c23;--ink:#e4eaf0;--soft:#9ba7b3;--edge:#2e3742;--link:#7db8ff;--code:#222a33;
--noncompliant:#ff8a80;--unreadable:#d3a9ff;--pending:#e6b450;--waived:#9ba7b3;--compliant:#5fd47a}}
.noncompliant,.refuted{--tone:var(--noncompliant)}.unreadable{--tone:var(--unreadable)}.pending,.likely{--tone:var(--pending)}
.waived,.unknown{--tone:var(--waived)}.compliant,.proven{--tone:var(--compliant)}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0 auto;max-width:80rem;padding:2rem 1.5rem;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{margin:0;font-size:1.7rem;line-height:1.2;letter-spacing:-.01em}
h2{margin:0 0 .8rem;font-size:1.2rem}
h3{margin:0;font-size:1rem}
p,ul,dl,figure{margin:0}
img{max-width:100%;height:auto;border:1px solid var(--edge);border-radius:4px}
a{color:var(--link)}
header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:end;gap:.5rem 2rem}
nav a{display:inline-block;margin-left:1.2rem}
nav a:first-child{margin-left:0}
.overview{display:grid;grid-template-columns:1.3fr 1fr;column-gap:1.5rem}
header p,.note,footer,figcaption{color:var(--soft)}
section{margin-top:1.5rem;padding:1.25rem 1.5rem;background:var(--paper);border:1px solid var(--edge);border-radius:10px}
footer{margin-top:1.5rem}
code{padding:.1em .4em;background:var(--code);border-radius:4px;font:.9em/1.5 ui-monospace,"DejaVu Sans Mono",monospace;user-select:all}
.alarm{border:2px solid var(--noncompliant)}
.alarm ul{margin-bottom:.6rem;padding-left:1.2rem}
.bar{display:block;width:100%;height:12px;border-radius:6px;background:var(--code)}
.bar rect{fill:var(--tone)}
.tiles{display:flex;flex-wrap:wrap;gap:.75rem 1.6rem;margin-top:1.2rem;padding:0;list-style:none}
.tiles b{display:block;color:var(--tone);font-size:2rem;line-height:1.1;font-variant-numeric:tabular-nums}
.tiles .none b{color:var(--soft);font-weight:400}
.notes{margin-top:1.2rem;padding:0;list-style:none}
.notes:empty{display:none}
table{width:100%;border-collapse:collapse;text-align:left}
th,td{padding:.6rem .75rem;border-top:1px solid var(--edge);vertical-align:top}
thead th{border-top:0;color:var(--soft);font-size:.87em;font-weight:600}
.small{width:auto}
#waivers th:nth-child(1){width:24%}
#waivers th:nth-child(2){width:18%}
#waivers th:nth-child(4){width:20%}
#waivers th:nth-child(5){width:11%}
#guests,#waivers{table-layout:fixed}
#guests thead th{position:sticky;top:0;z-index:1;padding-block:.3rem;vertical-align:middle;background:var(--paper);box-shadow:inset 0 -1px var(--edge)}
#guests thead th:nth-child(1){width:18%}
#guests thead th:nth-child(2){width:16%}
#guests thead th:nth-child(3){width:38%}
#guests th+td>b,td b[class]{color:var(--tone)}
#guests th+td>b{display:block;position:relative;padding-left:1.1em}
#guests th+td>b::before{content:"\\25CF"/"";position:absolute;left:0}
#guests :is(p,code)+p,#guests details{margin-top:.3rem}
#guests th+td>p{margin:0;padding-left:1.1em;color:var(--soft)}
#guests .compliant>*{padding-block:.3rem}
#guests .compliant td :is(b,p){display:inline-block;vertical-align:top}
#guests .compliant td p{padding-left:.4em}
#guests code{display:block;margin-top:.3rem}
#guests p{max-height:24em;overflow:auto}
#guests :is(th p,code){max-height:7.5em;overflow:auto}
code,p{unicode-bidi:isolate}
th button{margin:0 -.5rem;padding:.3rem .5rem;border:0;border-radius:4px;background:none;color:inherit;font:inherit;text-align:left;cursor:pointer}
th button:hover{background:var(--code)}
th button::after{content:"\\A0\\2195"/"";opacity:.5}
[aria-sort=ascending] button::after{content:"\\A0\\25B2"/"";opacity:1}
[aria-sort=descending] button::after{content:"\\A0\\25BC"/"";opacity:1}
:focus-visible{outline:3px solid var(--link);outline-offset:1px}
#filter{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;margin-bottom:.8rem}
#filter p{color:var(--soft)}
input,select{padding:.35rem .6rem;border:1px solid var(--soft);border-radius:6px;background:var(--paper);color:inherit;font:inherit}
input{width:17rem;max-width:100%}
summary{color:var(--link);cursor:pointer;width:fit-content}
dt{margin-top:.3rem;color:var(--soft);font-size:.87em}
dd{margin:0;font-size:.93em}
.plot{display:grid;grid-template-columns:auto 1fr;gap:.4rem .6rem;margin:.9rem 0 .6rem}
.plot svg{display:block;width:100%;height:6.5rem;overflow:visible}
.plot path{fill:none;vector-effect:non-scaling-stroke}
.plot .area{fill:var(--link);opacity:.14}
.plot .line{stroke:var(--link);stroke-width:2.5;stroke-linejoin:round}
.plot .grid{stroke:var(--edge)}
.levels,.times{display:flex;justify-content:space-between;color:var(--soft);font-size:.87em;font-variant-numeric:tabular-nums}
.levels{flex-direction:column;margin-block:-.75em;text-align:right}
.times{grid-column:2}
.rules{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1.5rem}
.rules p{margin-top:.4rem}
:target{outline:2px solid var(--link);outline-offset:.6rem;border-radius:2px}
@media screen and (max-width:48rem){
body{padding:1rem .75rem}
section{padding:1rem}
.tiles{gap:.75rem 1.5rem}
.overview{display:block}
#guests,#waivers,:is(#guests,#waivers) :is(tbody,tbody tr,tbody th,td){display:block}
#guests thead,#guests thead tr{display:flex;flex-wrap:wrap}
#guests thead th{position:static;width:auto!important;box-shadow:none}
#guests thead th[data-plain],#waivers thead{position:absolute;clip-path:inset(50%)}
:is(#guests,#waivers) tbody tr{padding:.75rem 0;border-top:1px solid var(--edge)}
:is(#guests,#waivers) :is(tbody th,td){padding:.15rem 0!important;border:0}
#guests td:empty{display:none}
td[data-label]::before{content:attr(data-label)": "/"";color:var(--soft)}
label,input,select{width:100%}
}
@media print{
@page{margin:14mm}
:root{--ground:#fff;--edge:#bbb}
body{max-width:none;padding:0;font-size:9.5pt;print-color-adjust:exact}
section{padding:0;border:0;border-radius:0}
.alarm{padding:.8rem}
form label,footer,nav,th button::after,details:not([open]){display:none}
th button{display:contents}
.overview{display:block}
a{color:inherit;text-decoration:none}
#guests thead th{position:static}
#guests thead th:nth-child(1){width:15%}
#guests thead th:nth-child(2){width:18%}
#guests thead th:nth-child(3){width:36%}
#guests :is(p,th p,code){max-height:none;overflow:visible}
tr,article,figure,.alarm,.tiles{break-inside:avoid}
h2{break-after:avoid}
summary{color:var(--soft);list-style:none}
}
`;
