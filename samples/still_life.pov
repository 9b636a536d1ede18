// Still life by a window. Units are centimeters; the table top is y = 0, its front edge z = -20.
// still_life.py writes shapes.inc (meshes) into the search path and calls POV-Ray; see README.md.
#version 3.7;
global_settings {
  assumed_gamma 1.0
  max_trace_level 10
  adc_bailout 0.03
  radiosity {
    pretrace_start 0.08 pretrace_end 0.02 count 45 nearest_count 8 error_bound 0.9
    recursion_limit 2 low_error_factor 0.6 gray_threshold 0.1 minimum_reuse 0.01 brightness 1
  }
  photons { spacing 0.18 max_trace_level 8 autostop 0 }
}
#include "functions.inc"
#default { finish { ambient 0 diffuse 0.85 } }

camera { location <4, 31, -112> right x*4/3 look_at <4, 9.0, 0> angle 36 }

// ---- Light: a tall window at the left; its sky gives the soft light, low sun the warm patch.
light_source {
  <-112, 62, -32> rgb <1.02, 1.08, 1.14>*2.25
  area_light <0, 62, 0>, <0, 0, 56>, 5, 5 adaptive 1
  fade_distance 95 fade_power 2
  photons { reflection on refraction on }
}
light_source {
  <-1500, 560, -560> rgb <2.4, 1.55, 0.78>*0.85
  area_light <0, 50, 0>, <50, 0, -50>, 7, 7 adaptive 1
  parallel point_at <34, 34, 55>
  photons { reflection off refraction off }
}
#declare Beam = -vnormalize(<-1500 - 34, 560 - 34, -560 - 55>);
// The sun reaches only the far wall, through panes of a window that stands out of sight.
#declare Pane_Center = <34, 38, 55> - Beam*178;
difference {
  box { <-1, -400, -400>, <0, 400, 400> }
  #for (I, -1, 0) #for (J, -1, 1)
    box { <-2, J*19 - 8.6, I*20 + 0.9>, <1, J*19 + 8.6, I*20 + 19.1> }
  #end #end
  translate Pane_Center
  no_image no_reflection no_radiosity
  pigment { rgb 0.1 }
  photons { pass_through }
}
// What glaze and glass reflect of the window.
union {
  #for (I, 0, 1) #for (J, 0, 2)
    box { <-117, 28 + J*24, -62 + I*32>, <-116, 49 + J*24, -33 + I*32> }
  #end #end
  pigment { rgb 1 } finish { diffuse 0 emission <2.6, 2.9, 3.2> }
  no_image no_shadow no_radiosity photons { pass_through }
}
// The room: far wall in old plaster, the others plain, so that reflections find something.
plane {
  -z, -55
  texture {
    pigment {
      granite turbulence 0.3
      color_map { [0 srgb <0.61, 0.58, 0.48>] [0.5 srgb <0.58, 0.56, 0.47>] [1 srgb <0.54, 0.53, 0.46>] }
      scale 90
    }
    normal { granite 0.06 scale 40 }
  }
}
union {
  plane { -x, -190 } plane { -y, -210 } plane { y, -75 } plane { z, -290 }
  no_shadow
  pigment { srgb <0.55, 0.47, 0.38> }
}

#include "still_life_parts.inc"

// ---- Jug: teal glaze run down over a sand-colored foot.
#declare Jug_Skin = texture {
  pigment {
    function { y/26 + 0.10*(f_noise3d(2.2*atan2(x, z), 0, 0) - 0.5) }
    color_map {
      [0.10 srgb <0.66, 0.52, 0.37>] [0.135 srgb <0.60, 0.45, 0.30>] [0.14 srgb <0.06, 0.22, 0.25>]
      [0.30 srgb <0.09, 0.36, 0.39>] [0.70 srgb <0.13, 0.43, 0.45>] [0.93 srgb <0.20, 0.47, 0.45>] [1.0 srgb <0.52, 0.46, 0.33>]
    }
  }
  normal { bumps 0.03 scale <6, 0.7, 6> }
  finish { Glaze }
}
union {
  object { Jug_Body }
  sphere_sweep {
    b_spline 8, <3.5, 23, 0>, 0.8, <4.6, 23.0, 0>, 0.85, <7.6, 24.2, 0>, 0.85, <11.2, 22.2, 0>, 0.8,
    <12.2, 17.5, 0>, 0.78, <10.4, 13.4, 0>, 0.82, <8.2, 11.8, 0>, 0.95, <6.5, 11, 0>, 0.9
    tolerance 0.001
    scale <1, 1, 1.35>
  }
  texture { Jug_Skin }
  interior { ior 1.5 }
  rotate y*28
  translate <-17, 0, 11>
}
// ---- Bowl with fruit
union {
  object {
    Bowl_Body
    texture {
      pigment {
        function { y/8 }
        color_map { [0 srgb <0.60, 0.50, 0.38>] [0.11 srgb <0.60, 0.50, 0.38>] [0.13 srgb <0.88, 0.84, 0.74>] [1 srgb <0.91, 0.87, 0.78>] }
      }
      finish { Glaze }
    }
    interior { ior 1.5 }
  }
  torus { 13.32, 0.16 translate y*7.06 texture { pigment { srgb <0.20, 0.30, 0.42> } finish { Glaze } } interior { ior 1.5 } }
  object { Apple(Apple_1, <0.72, 0.12, 0.09>, <0.86, 0.70, 0.26>) rotate <-12, 205, 14> translate <-5.2, 3.2, -3.2> }
  object { Apple(Apple_2, <0.66, 0.10, 0.08>, <0.80, 0.66, 0.22>) rotate <16, 60, -18> translate <4.3, 3.4, -3.9> }
  object { Pear(Pear_1, 1.0) rotate <8, 200, 20> translate <0.8, 4.0, 4.8> }
  object { Pear(Pear_2, 2.0) rotate <0, 20, -58> translate <-2.2, 7.4, 1.8> }
  object { Lemon(Lemon_2) rotate <0, 35, 12> translate <6.2, 7.0, 2.6> }
  translate <0.5, 0.2, 3>
}
// ---- On table and cloth
object { Lemon(Lemon_1) rotate <20, -28, 0> translate <22, 3.0, -9> }
object { Lemon_Half rotate x*16 rotate y*26 translate <27.5, 2.9, -14> }
object { Apple(Apple_3, <0.74, 0.15, 0.10>, <0.84, 0.74, 0.30>) rotate <6, 130, -8> translate <32.5, 0.1, -3> }
object { Grapes rotate y*164 translate <-9.5, 0, -9.5> }
object {
  Cloth double_illuminate
  texture {
    uv_mapping pigment {
      gradient x
      color_map {
        [0.06 srgb <0.86, 0.82, 0.74>] [0.06 srgb <0.26, 0.36, 0.50>] [0.085 srgb <0.26, 0.36, 0.50>] [0.085 srgb <0.86, 0.82, 0.74>]
        [0.105 srgb <0.86, 0.82, 0.74>] [0.105 srgb <0.26, 0.36, 0.50>] [0.115 srgb <0.26, 0.36, 0.50>] [0.115 srgb <0.86, 0.82, 0.74>]
        [1 srgb <0.86, 0.82, 0.74>]
      }
    }
  }
}
// ---- Glass: hollow walls as lathe outlines, wine a little inside the wall.
#declare Clear = texture { pigment { rgbt 1 } finish { diffuse 0 specular 0.8 roughness 0.001 reflection { 0, 1 fresnel on } conserve_energy } }
#declare Clear_Inside = interior { ior 1.5 fade_distance 14 fade_power 1001 fade_color <0.82, 0.94, 0.88> }
#macro Wine(Tint, Reach)
  texture { pigment { rgbt 1 } finish { diffuse 0 reflection { 0, 1 fresnel on } conserve_energy } }
  interior { ior 1.34 fade_distance Reach fade_power 1001 fade_color Tint }
#end
// Trapped rays leave the thin lip of a glass black; this lays the pale ring of a fire-polished lip over it.
#macro Lip(R, Y, Thick)
  torus { R, Thick translate y*Y no_shadow pigment { srgbt <0.80, 0.84, 0.82, 0.35> } finish { diffuse 0.5 specular 0.9 roughness 0.004 } }
#end
#macro Pass() photons { target refraction on reflection on collect off } #end
union {
  object {
    lathe {
      cubic_spline 20, <0, -0.6>, <0, 0.0>, <2.6, 0.0>, <3.5, 0.12>, <3.4, 0.35>, <1.4, 0.8>, <0.5, 1.7>, <0.42, 5>, <0.55, 8.2>, <1.8, 9.4>,
      <3.7, 11.8>, <4.2, 14.4>, <3.5, 18.9>, <3.36, 19.0>, <3.36, 18.7>, <4.05, 14.4>, <3.52, 11.9>, <1.7, 9.75>, <0, 9.3>, <0, 9.0>
    }
    texture { Clear } interior { Clear_Inside } Pass()
  }
  lathe {
    cubic_spline 8, <0, 9.0>, <0, 9.38>, <1.65, 9.84>, <3.46, 11.95>, <4.00, 14.0>, <3.95, 14.15>, <0, 14.1>, <-1, 14.1>
    Wine(<0.50, 0.03, 0.06>, 2.8) Pass()
  }
  Lip(3.42, 18.93, 0.16)
  translate <19.5, 0.05, 7>
}
union {
  object {
    lathe {
      cubic_spline 18, <0, -0.5>, <0, 0>, <5.0, 0>, <6.2, 0.8>, <6.5, 3.5>, <5.4, 9.0>, <3.0, 14.5>, <2.2, 19>, <2.5, 23>, <3.2, 26>,
      <3.0, 26.1>, <2.25, 23>, <1.95, 19>, <2.75, 14.4>, <5.1, 9.0>, <6.15, 3.5>, <0, 0.9>, <0, 0.5>
    }
    texture { Clear } interior { Clear_Inside } Pass()
  }
  lathe {
    cubic_spline 8, <0, 0.5>, <0, 1.0>, <6.08, 3.5>, <5.04, 9.0>, <4.0, 11.6>, <3.9, 11.7>, <0, 11.66>, <-1, 11.66>
    Wine(<0.97, 0.84, 0.42>, 14) Pass()
  }
  Lip(3.12, 26.02, 0.20)
  translate <31, 0, 15>
}
box { <-95, -16, -17.5>, <95, -3, -15> texture { Plank_Wood translate y*9 } }
// ---- Table: five planks with narrow gaps and a rounded front edge.
#for (I, 0, 4)
  superellipsoid {
    <0.04, 0.03> scale <95, 2.2, 7.42>
    texture { Plank_Wood translate <I*37, I*3.3, I*1.7> }
    translate <I*5 - 10, -2.2, -19.85 + 7.42 + I*15>
  }
#end
