// River valley in evening light. Units are meters, the water is y = 0, the viewer looks along +z.
// valley.py writes land.inc, plants.inc, ground.png and sky.png into the search path; see README.md.
#version 3.7;
global_settings { assumed_gamma 1.0 max_trace_level 5 ambient_light rgb <0.80, 0.92, 1.25> }
#default { finish { ambient 0.11 diffuse 0.8 } }

camera { location <0, 15.2, 0> right x*4/3 look_at <0, 13.9, 40> angle 52 }

// Low sun at the left, a little behind the viewer; two weak lights stand for the open sky.
light_source { <-9000, 2450, -2600> rgb <2.95, 1.95, 1.04> parallel point_at <0, 0, 0> }
light_source { <2000, 9000, -1500> rgb <0.20, 0.26, 0.38> parallel point_at <0, 0, 0> shadowless }
light_source { <4000, 1500, -6000> rgb <0.10, 0.12, 0.17> parallel point_at <0, 0, 0> shadowless }

// The sky picture spans x/z from -1 to 1 and y/z from 0 to 0.5, seen from the middle.
polygon {
  5, <0, 0>, <1, 0>, <1, 1>, <0, 1>, <0, 0>
  texture { pigment { image_map { png "sky.png" interpolate 2 } } finish { ambient 0 diffuse 0 emission 1 } }
  scale <48000, 12000, 1> translate <-24000, 0, 24000>
  no_shadow
}
sky_sphere { pigment { srgb <0.34, 0.50, 0.74> } }
fog { fog_type 2 distance 5200 color srgb <0.80, 0.75, 0.72> fog_offset 0 fog_alt 60 }

#include "land.inc"
// Over its own color the land carries haze, thicker with distance.
object {
  Land
  texture { pigment { uv_mapping image_map { png "ground.png" interpolate 2 } } }
  texture {
    pigment {
      gradient z
      color_map {
        [0.00 srgbt <0.62, 0.67, 0.78, 1.0>] [0.05 srgbt <0.62, 0.67, 0.78, 0.97>] [0.15 srgbt <0.60, 0.66, 0.79, 0.84>]
        [0.35 srgbt <0.60, 0.67, 0.81, 0.66>] [0.70 srgbt <0.62, 0.70, 0.83, 0.48>] [1.0 srgbt <0.66, 0.72, 0.82, 0.36>]
      }
      scale 12000
    }
    finish { ambient 0 diffuse 0 emission 1 }
  }
}
plane {
  y, 0
  texture {
    pigment { srgb <0.10, 0.20, 0.22> }
    normal {
      average
      normal_map {
        [1.0 bumps 0.085 scale <5, 1, 2.2>]
        [0.8 bumps 0.035 scale <1.3, 1, 0.6> rotate y*14]
      }
    }
    finish { ambient 0.05 diffuse 0.45 specular 0.2 roughness 0.004 reflection { 0.04, 0.95 fresnel on } conserve_energy }
  }
  interior { ior 1.33 }
}
#include "plants.inc"

// ---- Farm and bridge
#declare Plaster = texture { pigment { granite color_map { [0 srgb <0.93, 0.89, 0.80>] [1 srgb <0.80, 0.74, 0.64>] } scale 3 } }
#declare Tiles = texture {
  pigment { cells color_map { [0 srgb <0.52, 0.22, 0.14>] [0.6 srgb <0.66, 0.31, 0.19>] [1 srgb <0.74, 0.42, 0.27>] } scale <0.35, 5, 0.5> }
  normal { gradient z 0.5 scale 0.5 }
}
#declare Timber = texture { pigment { srgb <0.30, 0.20, 0.14> } }
#declare Masonry = texture {
  pigment {
    brick pigment { srgb <0.46, 0.41, 0.36> },
    pigment { cells color_map { [0 srgb <0.60, 0.54, 0.46>] [0.5 srgb <0.72, 0.66, 0.56>] [1 srgb <0.52, 0.48, 0.43>] } scale <0.9, 0.4, 0.9> }
    brick_size <0.9, 0.4, 0.9> mortar 0.04 turbulence 0.03
  }
  normal { granite 0.3 }
}
// A gabled house, W along x, D along z, walls H high; windows in the front and the left gable.
#macro Farm(W, D, H, Rise, Skin, Cols, Rows)
  union {
    difference {
      union {
        box { <0, -2, 0>, <W, H, D> }
        prism { 0, W, 4, <0, 0>, <D, 0>, <D/2, Rise>, <0, 0> rotate -x*90 rotate -y*90 translate <0, H, 0> }
      }
      #for (I, 0, Cols - 1) #for (J, 0, Rows - 1)
        box { <-0.5, 0, -1>, <0.5, 1.25, 0.2> translate <(I + 0.5)*W/Cols, 1.0 + J*2.6, 0> }
        box { <-1, 0, -0.45>, <0.2, 1.25, 0.45> translate <0, 1.0 + J*2.6, (mod(I, 2) + 0.5)*D/2> }
      #end #end
      texture { Skin }
    }
    box { <0.15, 0, 0.15>, <W - 0.15, H, D - 0.15> texture { pigment { srgb <0.12, 0.13, 0.16> } finish { reflection 0.15 } } }
    #for (I, 0, Cols - 1) #for (J, 0, Rows - 1)
      union {
        box { <-0.5, 0.58, 0.02>, <0.5, 0.68, 0.1> } box { <-0.05, 0, 0.02>, <0.05, 1.25, 0.1> }
        texture { Plaster } translate <(I + 0.5)*W/Cols, 1.0 + J*2.6, 0>
      }
      union {
        box { <-0.95, 0, -0.06>, <-0.5, 1.25, 0> } box { <0.5, 0, -0.06>, <0.95, 1.25, 0> }
        texture { pigment { srgb <0.22, 0.36, 0.32> } } translate <(I + 0.5)*W/Cols, 1.0 + J*2.6, 0>
      }
    #end #end
    #local Slope = degrees(atan2(Rise, D/2)); #local Run = sqrt(Rise*Rise + D*D/4);
    #for (S, 0, 1)
      box { <-0.5, -0.02, -0.7>, <W + 0.5, 0.22, Run> texture { Tiles } rotate -x*Slope rotate y*180*S translate <W*S, H, D*S> }
    #end
    box { <-0.55, H + Rise + 0.05, D/2 - 0.2>, <W + 0.55, H + Rise + 0.32, D/2 + 0.2> texture { Tiles } }
  }
#end
union {
  object { Farm(15, 8.5, 5.4, 4.2, Plaster, 5, 2) }
  box { <6.9, 0, -0.12>, <8.1, 2.3, 0.1> texture { Timber } }
  box { <3.0, 7, 3.4>, <4.2, 11.3, 4.6> texture { Masonry } }
  box { <11.4, 7, 3.8>, <12.4, 10.8, 4.8> texture { Masonry } }
  object { Farm(9, 7, 3.4, 3.4, Masonry, 2, 1) rotate y*72 translate <-7.5, 0, 6> }
  rotate y*20
  translate <-35, 2.6, 119>
}
// Three arches over the river; the outline runs over the hump and back through the arches.
#macro Hump(X) (3.9 - 0.0052*X*X) #end
#declare Bridge = union {
  difference {
    prism {
      0, 4.4, 44,
      #for (I, 0, 40) <I - 20, Hump(I - 20)>, #end
      <20, -3>, <-20, -3>, <-20, Hump(-20)>
      rotate -x*90 translate z*4.4
    }
    #for (I, -1, 1)
      cylinder { <I*6.6, 0.1 - 0.25*I*I, -1>, <I*6.6, 0.1 - 0.25*I*I, 6>, 2.75 - 0.3*I*I }
    #end
    texture { Masonry }
  }
  #for (S, 0, 1)
    prism {
      0, 0.4, 83,
      #for (I, 0, 40) <I - 20, Hump(I - 20) + 0.95>, #end
      #for (I, 0, 40) <20 - I, Hump(20 - I) - 0.1>, #end
      <-20, Hump(-20) + 0.95>
      rotate -x*90 translate z*(0.4 + 4*S)
      texture { Masonry }
    }
  #end
  #for (I, -1, 0)
    prism { -3, 1.6, 4, <-0.9, 0>, <0.9, 0>, <0, -1.5>, <-0.9, 0> translate <3.3 + 6.6*I, 0, 0> texture { Masonry } }
  #end
}
object { Bridge rotate y*-6 translate <2.0, 0, 112> }
