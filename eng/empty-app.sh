# Sourced by scripts that use the packages as a user would: in an empty folder outside the repository, from a folder of packages, with a package cache of its own.
#
#   . eng/empty-app.sh PACKAGES
#
# Sets $packages, $version, $work (deleted at the end), $model (the embedded model) and NUGET_PACKAGES.

packages=$(realpath "${1:-artifacts/packages}")
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=$(ls "$packages" | sed -n 's/^SkTuning\.Abstractions\.\([0-9].*\)\.nupkg$/\1/p' | sort -V | tail -n 1)
model=$repository/assets/models/tiny
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What was downloaded before is not downloaded again.
seen=${NUGET_PACKAGES:-$HOME/.nuget/packages}
export NUGET_PACKAGES="$work/.packages" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
unset SK_LIBTORCH SK_NATIVE_PATCH
sources=$(dotnet nuget list source --format Short | sed -n 's/^E \(http.*\)$/\1/p')
{
  echo '<configuration><packageSources><clear />'
  echo "  <add key=\"packages\" value=\"$packages\" />"
  [ -d "$seen" ] && echo "  <add key=\"seen\" value=\"$seen\" />"
  for source in $sources; do echo "  <add key=\"$source\" value=\"$source\" protocolVersion=\"3\" />"; done
  echo '</packageSources></configuration>'
} > "$work/nuget.config"

# app NAME PACKAGE...: a console program in $work/NAME that references packages, as Name or Name@version. Its Program.cs comes from standard input.
app() {
  local folder=$work/$1
  mkdir -p "$folder"
  cat > "$folder/Program.cs"
  {
    echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework>'
    echo '<ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup><ItemGroup>'
    for package in "${@:2}"; do
      echo "<PackageReference Include=\"${package%@*}\" Version=\"$([[ $package == *@* ]] && echo "${package#*@}" || echo "$version")\" />"
    done
    echo '</ItemGroup></Project>'
  } > "$folder/$1.csproj"
}

# megabytes PATH: the size of a file or folder in MB (10^6 bytes).
megabytes() { du -s --apparent-size -B1 "$1" | awk '{ printf "%.1f", $1 / 1e6 }'; }

libtorch=libtorch-cpu-linux-x64@2.10.0
