// Bust scene: camera, studio light, finishes. bust.py writes the meshes and calls POV-Ray.
#version 3.7;
global_settings {
  assumed_gamma 1.0
  max_trace_level 5
  radiosity {
    pretrace_start 0.08 pretrace_end 0.02 count 60 nearest_count 6 error_bound 0.8
    recursion_limit 2 low_error_factor 0.6 gray_threshold 0.1 minimum_reuse 0.01 brightness 1
  }
}
#default { finish { ambient 0 diffuse 0.85 } }

#macro Skin_Texture(Color)
  pigment { srgb Color }
  normal { average normal_map { [1 bumps 0.16 scale 0.09] [1 bumps 0.16 scale 0.55] } }
  finish { diffuse 0.86 specular 0.12 roughness 0.05 }
#end
#macro Hair_Texture(Color)
  pigment { srgb Color }
  normal { bumps 0.15 scale <0.08, 0.3, 0.08> }
  finish { diffuse 0.85 specular 0.28 roughness 0.035 }
#end
#macro Cord_Texture(Color)
  pigment { srgb Color }
  finish { diffuse 0.8 specular 0.5 roughness 0.02 }
#end
#macro Mantle_Texture(Color)
  pigment { srgb Color }
  normal { bumps 0.12 scale 0.22 }
  finish { diffuse 0.85 specular 0.12 roughness 0.06 }
#end
#macro Clasp_Texture(Color)
  pigment { srgb Color }
  finish { diffuse 0.6 specular 0.9 roughness 0.02 metallic }
#end

#declare Gaze = <-60, -2, -180>;
#macro Eyeball(At)
  #local Look = vnormalize(Gaze - At);
  sphere {
    0, 1.25
    texture {
      pigment {
        function { sqrt(x*x + y*y) }
        color_map {
          [0.00 srgb <0.03, 0.025, 0.02>] [0.16 srgb <0.03, 0.025, 0.02>]
          [0.19 srgb <0.25, 0.20, 0.11>] [0.40 srgb <0.38, 0.36, 0.22>]
          [0.48 srgb <0.20, 0.18, 0.12>] [0.53 srgb <0.07, 0.05, 0.04>]
          [0.565 srgb <0.73, 0.66, 0.58>] [1.00 srgb <0.75, 0.62, 0.53>]
        }
      }
      finish { diffuse 0.8 specular 0.9 roughness 0.004 }
    }
    #local Right = vnormalize(vcross(<0, 1, 0>, Look));
    #local Up = vcross(Look, Right);
    matrix <Right.x, Right.y, Right.z, Up.x, Up.y, Up.z, Look.x, Look.y, Look.z, At.x, At.y, At.z>
  }
#end

#include "bust_skin.inc"
#include "bust_hair.inc"
#include "bust_cord.inc"
#include "bust_mantle.inc"
#include "bust_clasp.inc"
#include "bust_curtain.inc"

object { Skin }
object { Hair }
object { Cord }
object { Mantle }
object { Clasp }
#include "bust_eyes.inc"

object {
  Curtain
  texture {
    pigment {
      bozo scale <3, 30, 3> turbulence 0.3
      color_map { [0 srgb <0.13, 0.30, 0.31>] [1 srgb <0.19, 0.37, 0.36>] }
    }
    normal { bumps 0.25 scale 0.35 }
    finish { diffuse 0.85 specular 0.06 roughness 0.1 }
  }
}

camera {
  location <0, -4, -190>
  right x*4/5
  look_at <-0.3, -6.0, 0>
  angle 10.8
}

// Key: a softbox up and to the left. Fill: a large dim panel on the right. Rim: from behind.
light_source {
  <-120, 95, -125> rgb <1.30, 1.16, 0.98> * 1.15
  area_light <60, 0, 0>, <0, 60, 0>, 7, 7 adaptive 1 circular orient
}
light_source {
  <150, 20, -110> rgb <0.66, 0.74, 0.90> * 0.24
  area_light <90, 0, 0>, <0, 90, 0>, 4, 4 adaptive 1 circular orient
}
light_source {
  <95, 60, 45> rgb <1.0, 0.86, 0.68> * 0.85
  area_light <25, 0, 0>, <0, 25, 0>, 4, 4 adaptive 1 circular orient
}
// A lamp grazes the curtain behind the sitter's shoulder.
light_source {
  <-75, 10, 28> rgb <1.0, 0.84, 0.62> * 0.55
  fade_distance 60 fade_power 2
  area_light <20, 0, 0>, <0, 20, 0>, 3, 3 adaptive 1 circular orient
}
