# Ends what is left when the trial has ended, be it by kill -9: reads "+ GROUP" and "- GROUP" (process groups) until
# its input ends, which it does with the process at the other end.
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
