// Harbor scene: camera, light, sky, hills, water. harbor.py writes layout.inc (houses, boats)
// beside this file's search path and calls POV-Ray; see README.md.
#version 3.7;
global_settings {
  assumed_gamma 1.0
  max_trace_level 6
  radiosity {
    pretrace_start 0.08 pretrace_end 0.02 count 70 nearest_count 6 error_bound 0.9
    recursion_limit 1 low_error_factor 0.6 gray_threshold 0.2 minimum_reuse 0.01 brightness 1
  }
}
#default { finish { ambient 0 diffuse 0.85 } }

#include "harbor_parts.inc"
#include "harbor_props.inc"

camera {
  location <-7, 5.2, -25>
  right x*4/3
  look_at <-1.5, 6.6, 20>
  angle 56
}

// Low warm sun behind the viewer's left shoulder.
light_source {
  <-880, 330, -330> rgb <2.25, 1.64, 0.96>
  area_light <40, 0, 0>, <0, 40, 0>, 5, 5 adaptive 2 circular orient
  parallel point_at <0, 0, 20>
}

// Sky dome: warm and pale at the horizon, blue above.
sky_sphere {
  pigment {
    gradient y
    color_map {
      [0.00 srgb <0.93, 0.80, 0.66>]
      [0.06 srgb <0.86, 0.82, 0.77>]
      [0.18 srgb <0.60, 0.73, 0.84>]
      [0.45 srgb <0.33, 0.53, 0.76>]
      [1.00 srgb <0.15, 0.32, 0.60>]
    }
  }
}

// Two cloud sheets: high thin streaks, and lower broken cumulus whose bases are a little gray.
#declare Cumulus = pigment {
  bozo turbulence 0.75 octaves 7 omega 0.52 lambda 2.2
  color_map {
    [0.00 srgbt <1, 1, 1, 1>]
    [0.46 srgbt <1.0, 0.95, 0.88, 1>]
    [0.54 srgbt <1.0, 0.96, 0.88, 0.40>]
    [0.62 srgbt <1.0, 0.95, 0.86, 0.03>]
    [0.74 srgbt <0.84, 0.80, 0.80, 0.0>]
    [1.00 srgbt <0.62, 0.62, 0.70, 0.0>]
  }
}
plane {
  y, 900
  hollow no_shadow
  texture {
    pigment { Cumulus scale <640, 1, 520> translate <330, 0, 300> }
    finish { emission 0.93 diffuse 0 }
  }
}
plane {
  y, 1600
  hollow no_shadow
  texture {
    pigment {
      wrinkles turbulence 0.5 octaves 6 omega 0.55
      color_map {
        [0.0 srgbt <1, 1, 1, 1>] [0.45 srgbt <1, 1, 1, 1>] [1.0 srgbt <1, 0.97, 0.93, 0.45>]
      }
      scale <3200, 1, 900> rotate y*20
    }
    finish { emission 0.95 diffuse 0 }
  }
}
fog { fog_type 2 distance 900 color srgb <0.80, 0.79, 0.80> fog_offset 0 fog_alt 30 }

// Water: dark body color, Fresnel reflection, two scales of gentle chop.
plane {
  y, 0
  texture {
    pigment { srgb <0.08, 0.25, 0.28> }
    normal {
      average
      normal_map {
        [1.2 bumps 0.20 scale <4.2, 1, 1.5> rotate y*8]
        [1.0 bumps 0.15 scale <1.5, 1, 0.55> rotate -y*14]
        [0.6 bumps 0.09 scale <0.5, 1, 0.22> rotate y*22]
      }
    }
    finish { diffuse 0.5 specular 0.25 roughness 0.004 reflection { 0.03, 0.95 fresnel on } conserve_energy }
  }
  interior { ior 1.33 }
}

#include "layout.inc"
