import type { TargetWriter } from "../application.ts";
import {
  currentHelmOverride,
  currentKustomizeOverride,
  writeHelmOverride,
  writeKustomizeOverride,
} from "./argocd-source.ts";
import { currentKustomizationImage, writeKustomizationImage } from "./kustomization.ts";
import {
  currentManifestField,
  currentManifestImage,
  writeManifestField,
  writeManifestImage,
} from "./manifest-field.ts";
import { currentMarkedImage, writeMarkedImage } from "./markers.ts";
import { currentValuesImage, writeValuesImage } from "./values.ts";

/** Reads and writes targets byte for byte: comments, quotes, line ends and everything beside the values stay. */
export const targetWriter: TargetWriter = {
  async current(tree, target) {
    switch (target.kind) {
      case "kustomization":
        return currentKustomizationImage(tree, target);
      case "values":
        return currentValuesImage(tree, target);
      case "argocd-helm":
        return currentHelmOverride(tree, target);
      case "argocd-kustomize":
        return currentKustomizeOverride(tree, target);
      case "field":
        return currentManifestField(tree, target);
      case "manifest":
        return currentManifestImage(tree, target);
      case "marker":
        return currentMarkedImage(tree, target);
    }
  },
  async write(tree, target, image) {
    switch (target.kind) {
      case "kustomization":
        return writeKustomizationImage(tree, target, image);
      case "values":
        return writeValuesImage(tree, target, image);
      case "argocd-helm":
        return writeHelmOverride(tree, target, image);
      case "argocd-kustomize":
        return writeKustomizeOverride(tree, target, image);
      case "field":
        return writeManifestField(tree, target, image);
      case "manifest":
        return writeManifestImage(tree, target, image);
      case "marker":
        return writeMarkedImage(tree, target, image);
    }
  },
};
