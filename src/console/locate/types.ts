/** A search as `GET /v1/locate-requests` answers it; the service's own schemas are not for browsers. */

export type Reason = 'no-answer-at-door' | 'address-not-found' | 'callback-unanswered';

export interface Place {
  readonly lon: number;
  readonly lat: number;
}

interface DoorParts {
  readonly building: string | null;
  readonly unit: string | null;
  readonly floor: number | null;
  readonly room: string | null;
  readonly entryNotes: string | null;
}

export interface PastPlace extends DoorParts {
  readonly placeId: string;
  readonly position: Place | null;
  readonly confirmedAt: string;
}

export interface GettingInEntry extends DoorParts {
  readonly residentId: string | null;
  readonly name: string | null;
  readonly livesAlone: boolean | null;
  readonly address: string | null;
  readonly hasLift: boolean | null;
  readonly contacts: readonly { readonly name: string; readonly phone: string; readonly holdsKey: boolean }[];
  readonly pastPlaces: readonly PastPlace[];
}

export interface Clue {
  readonly rank: number;
  readonly kind: string;
  readonly position: Place | null;
  readonly radiusMetres: number | null;
  readonly at: string | null;
  readonly text: string | null;
  readonly support: number;
}

export interface LikelyPlaces {
  readonly places: readonly {
    readonly dwellingId: string;
    readonly kind: string;
    readonly confidence: number;
    readonly residentId: string | null;
    readonly placeId: string | null;
    readonly address: string | null;
    readonly position: Place | null;
  }[];
  readonly elsewhere: number;
}

export interface Answer extends DoorParts {
  readonly answerId: string;
  readonly at: string;
  readonly centreId: string;
  readonly person: string | null;
  readonly found: boolean;
  readonly stands: boolean;
  readonly refuted: boolean;
  readonly placeId: string | null;
  readonly position: Place | null;
  readonly contact: string | null;
  readonly tryInstead: string | null;
}

export interface Search {
  readonly locateRequestId: string;
  readonly callId: string;
  readonly callNumber: number;
  readonly reason: Reason;
  readonly status: 'requested' | 'accepted' | 'answered' | 'escalated' | 'closed';
  readonly raisedAt: string;
  readonly dueAt: string | null;
  readonly ladder: readonly { readonly kind: string; readonly waitSeconds: number }[];
  readonly step: number;
  readonly flags: readonly string[];
  readonly position: Place | null;
  readonly holder: { readonly centreId: string; readonly person: string | null } | null;
  readonly person: { readonly name: string; readonly ageYears: number; readonly sex: string } | null;
  readonly evidence: readonly Clue[];
  readonly likelyPlaces: LikelyPlaces;
  readonly howToGetIn: readonly GettingInEntry[];
  readonly asked: readonly {
    readonly kind: string;
    readonly target: string;
    readonly name: string | null;
    readonly nameEn: string | null;
    readonly step: number;
    readonly askedAt: string;
    readonly declinedAt: string | null;
  }[];
  readonly answers: readonly Answer[];
  readonly toRing: {
    readonly microFireStation: {
      readonly name: string;
      readonly nameEn: string | null;
      readonly distanceMetres: number;
    } | null;
    readonly police: { readonly name: string | null; readonly phone: string };
    readonly duty: { readonly name: string | null; readonly phone: string | null } | null;
  };
}
